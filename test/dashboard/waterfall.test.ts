// The waterfall's rows: which bars stand where for a request that was tried twice, answered early, or cut off.
import { describe, expect, it } from 'vitest'
import type { ExchangeDetail } from '../../control/admin/contract.ts'
import {
  attemptSegments,
  attemptTimes,
  axisTicks,
  extent,
  waterfallRows,
} from '../../dashboard/src/pages/Request/waterfall.ts'

type Attempt = ExchangeDetail['attemptList'][number]

const decision = (stage: string, atUs: number, tookUs: number) => ({
  stage,
  reason: 'x',
  sentence: `${stage} said`,
  atUs,
  tookUs,
})

const attempt = (over: Partial<Attempt>): Attempt => ({
  upstream: 'a:1',
  picked: 'round-robin',
  startUs: 100,
  connectedUs: 400,
  headUs: 13_300,
  endUs: 15_400,
  status: 200,
  error: '',
  errorText: '',
  reused: false,
  sentence: 'a:1 answered',
  ...over,
})

function detailOf(part: Partial<ExchangeDetail>): ExchangeDetail {
  return { durationUs: 18_400, decisions: [], attemptList: [], ...part } as ExchangeDetail
}

describe('an attempt', () => {
  it('has connect, wait and body', () => {
    expect(attemptSegments(attempt({}))).toEqual([
      { startUs: 100, endUs: 400, kind: 'connect' },
      { startUs: 400, endUs: 13_300, kind: 'wait' },
      { startUs: 13_300, endUs: 15_400, kind: 'body' },
    ])
    expect(attemptTimes(attempt({}))).toBe('connect 300 µs · wait 12.9 ms · body 2.10 ms')
  })

  it('has no connect on a reused connection', () => {
    const reused = attempt({ connectedUs: 100, reused: true })
    expect(attemptSegments(reused).map(segment => segment.kind)).toEqual(['wait', 'body'])
    expect(attemptTimes(reused)).toMatch(/^connection reused · wait/)
  })

  it('is one failed bar when it never connected', () => {
    const refused = attempt({ connectedUs: -1, headUs: -1, endUs: 1200, error: 'connection_refused' })
    expect(attemptSegments(refused)).toEqual([{ startUs: 100, endUs: 1200, kind: 'failed' }])
  })

  it('fails where it stopped: waiting, or in the body', () => {
    const waiting = attempt({ headUs: -1, error: 'http_response_timeout' })
    expect(attemptSegments(waiting).map(segment => segment.kind)).toEqual(['connect', 'failed'])
    const cut = attempt({ error: 'http_response_incomplete' })
    expect(attemptSegments(cut).map(segment => segment.kind)).toEqual(['connect', 'wait', 'failed'])
  })
})

describe('the rows', () => {
  it('have the attempts below forward', () => {
    const detail = detailOf({
      decisions: [decision('route', 10, 5), decision('forward', 90, 25), decision('compress', 15_000, 40)],
      attemptList: [attempt({ error: 'connection_refused', connectedUs: -1 }), attempt({})],
    })
    const rows = waterfallRows(detail)
    expect(rows.map(row => row.label)).toEqual(['route', 'forward', 'attempt 1', 'attempt 2', 'compress'])
    expect(rows.map(row => row.depth)).toEqual([0, 0, 1, 1, 0])
    expect(rows.map(row => row.failed)).toEqual([false, false, true, false, false])
    expect(new Set(rows.map(row => row.key)).size).toBe(rows.length)
    expect(rows[1]?.segments).toEqual([{ startUs: 90, endUs: 15_400, kind: 'stage' }])
  })

  it('have a forward row even if the stage said nothing', () => {
    const rows = waterfallRows(detailOf({ decisions: [decision('route', 1, 1)], attemptList: [attempt({})] }))
    expect(rows.map(row => row.label)).toEqual(['route', 'forward', 'attempt 1'])
    expect(rows[1]?.segments).toEqual([{ startUs: 100, endUs: 15_400, kind: 'stage' }])
  })

  it('end where the last bar ends', () => {
    const detail = detailOf({ durationUs: 10_000, attemptList: [attempt({})] })
    expect(extent(detail, waterfallRows(detail))).toBe(15_400)
    expect(extent(detailOf({ durationUs: 0 }), [])).toBe(1)
  })
})

it('puts round ticks on the axis', () => {
  expect(axisTicks(18_400, 5)).toEqual([0, 5000, 10_000, 15_000])
  expect(axisTicks(90, 4)).toEqual([0, 50])
})
