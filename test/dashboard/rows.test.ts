// The list's rows: merged once each, newest first, and left alone while the view is held.
import { describe, expect, it } from 'vitest'
import type { ExchangeRow } from '../../control/admin/contract.ts'
import {
  durationScale,
  MAX_ROWS,
  mergeRows,
  NO_ROWS,
  rowReducer,
} from '../../dashboard/src/pages/Requests/rows.ts'

const row = (at: number, durationUs = 1000) =>
  ({ id: String(at), at, durationUs, traceId: 't', spanId: String(at) }) as ExchangeRow
const times = (rows: readonly ExchangeRow[]) => rows.map(each => each.at)

describe('merging', () => {
  it('keeps each exchange once, newest first', () => {
    expect(times(mergeRows([row(3), row(1)], [row(2), row(3), row(4)]))).toEqual([4, 3, 2, 1])
  })

  it('returns the same list when there is nothing new', () => {
    const have = [row(2), row(1)]
    expect(mergeRows(have, [row(1)])).toBe(have)
  })

  it('is bounded', () => {
    const many = Array.from({ length: MAX_ROWS + 10 }, (_, at) => row(at))
    expect(mergeRows([], many)).toHaveLength(MAX_ROWS)
  })
})

describe('arrivals', () => {
  const filled = rowReducer(NO_ROWS, { type: 'newest', rows: [row(1)], complete: false })

  it('are shown at once while nobody looks', () => {
    expect(times(rowReducer(filled, { type: 'arrived', rows: [row(2)], held: false }).rows)).toEqual([2, 1])
  })

  it('wait while the view is held, and come all together', () => {
    let state = rowReducer(filled, { type: 'arrived', rows: [row(2)], held: true })
    state = rowReducer(state, { type: 'arrived', rows: [row(2), row(1), row(3)], held: true })
    expect(times(state.rows)).toEqual([1])
    expect(state.waiting).toHaveLength(2)
    state = rowReducer(state, { type: 'release' })
    expect(times(state.rows)).toEqual([3, 2, 1])
    expect(state.waiting).toEqual([])
  })

  it('change nothing when they are known', () => {
    expect(rowReducer(filled, { type: 'arrived', rows: [row(1)], held: true })).toBe(filled)
  })
})

it('measures bars against the slow end of the rows', () => {
  expect(durationScale([])).toBe(1)
  expect(durationScale(Array.from({ length: 100 }, (_, i) => row(i, (i + 1) * 10)))).toBe(960)
})
