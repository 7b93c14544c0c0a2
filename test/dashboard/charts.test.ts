// The arithmetic of the charts: stacking with gaps, heat, places on a logarithmic axis, sparklines.
import { describe, expect, it } from 'vitest'
import { decades, heatStep, rowPosition, usedRows } from '../../dashboard/src/charts/heat.ts'
import { bucketAt, stack } from '../../dashboard/src/charts/lines.ts'
import { sparkPaths } from '../../dashboard/src/charts/spark.ts'
import { statusClass, statusClassOfName } from '../../dashboard/src/lib/status.ts'

const line = (...values: (number | null)[]) => ({ name: 'x', values, token: 'ok' })

describe('stacking', () => {
  it('adds up, and leaves a gap only where all have one', () => {
    expect(stack([line(1, null, null), line(2, 3, null)])).toEqual([
      [1, null, null],
      [3, 3, null],
    ])
    expect(stack([])).toEqual([])
  })

  it('finds the bucket of a moment', () => {
    expect(bucketAt([100, 200], 100, 250)).toBe(1)
    expect(bucketAt([100, 200], 100, 300)).toBe(-1)
    expect(bucketAt([], 100, 300)).toBe(-1)
  })
})

describe('heat', () => {
  it('sees a single request and never passes the last step', () => {
    expect([0, 1, 10, 100, 1000].map(count => heatStep(count, 1000))).toEqual([0, 1, 3, 4, 6])
    expect(heatStep(1, 1)).toBe(3)
  })

  it('places durations between logarithmic bounds', () => {
    const bounds = [100, 1000, 10_000]
    expect(rowPosition(50, bounds)).toBe(0)
    expect(rowPosition(1000, bounds)).toBe(1)
    expect(rowPosition(Math.sqrt(1000 * 10_000), bounds)).toBeCloseTo(1.5)
    expect(rowPosition(1e9, bounds)).toBe(3)
    expect(rowPosition(5, [])).toBe(0)
  })

  it('trims empty rows', () => {
    expect(usedRows([[0], [0], [1], [0], [0]])).toEqual({ first: 1, last: 3 })
    expect(usedRows([[0], [0]])).toEqual({ first: 0, last: 1 })
  })

  it('labels powers of ten', () => {
    expect(decades(70, 20_000)).toEqual([100, 1000, 10_000])
  })
})

describe('sparklines', () => {
  it('break at gaps', () => {
    expect(sparkPaths([1, null, 1], 20, 10).line.match(/M/g)).toHaveLength(2)
    expect(sparkPaths([], 20, 10)).toEqual({ line: '', area: '' })
    expect(sparkPaths([0, 0], 20, 10).line).toBe('M0,9L20,9')
  })
})

describe('status', () => {
  it('has a class of its own for limited and aborted', () => {
    expect([200, 304, 404, 429, 503, 499].map(status => statusClass(status))).toEqual([
      'ok',
      'redirect',
      'client',
      'limited',
      'server',
      'aborted',
    ])
    expect(statusClass(200, true)).toBe('aborted')
  })

  it('reads names of groups, whatever they are', () => {
    expect(['5xx', '503', 'server', '429', '2xx', 'aborted'].map(statusClassOfName)).toEqual([
      'server',
      'server',
      'server',
      'limited',
      'ok',
      'aborted',
    ])
  })
})
