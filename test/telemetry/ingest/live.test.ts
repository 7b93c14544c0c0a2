// The live view: ticks, the newest rows, batches within their budget.
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { LiveEvent } from '../../../control/admin/contract.ts'
import { Live } from '../../../telemetry/ingest/live.ts'
import { QueryError } from '../../../telemetry/query/query-error.ts'
import { record, recordsJson, talliesOf, tallyCell } from '../records.ts'

let live: Live

beforeEach(() => {
  vi.useFakeTimers()
  live = new Live()
  onTestFinished(() => {
    live.close()
    vi.useRealTimers()
  })
})

const rowsOf = (events: LiveEvent[]) => events.flatMap(e => (e.type === 'exchanges' ? e.rows : []))
const skippedOf = (events: LiveEvent[]) =>
  events.reduce((n, e) => n + (e.type === 'exchanges' ? e.skipped : 0), 0)

test('a tick says what one second held, in outcomes that add up', () => {
  const records = [
    record({ cache: 'hit' }),
    record({ status: 302 }),
    record({ status: 404 }),
    record({ status: 429, error: 'rate_limited', cache: 'none' }),
    record({ status: 502, error: 'connection_refused' }),
    record({ status: 200, error: 'http_response_incomplete' }),
    record({ status: 499, error: 'client_aborted' }),
  ]
  live.inFlight = 4
  live.tally(talliesOf(records))
  live.tick(10_000)
  const [tick] = live.ticks()
  expect(tick).toMatchObject({ at: 9000, requests: 7, errors: 2, limited: 1, inFlight: 4, outBytes: 7000 })
  expect(tick!.byStatus).toEqual({ ok: 1, redirect: 1, client: 1, limited: 1, server: 2, aborted: 1 })
  expect(tick!.cacheShare).toBeCloseTo(1 / 6)
  expect(Math.abs(tick!.p50Us! - 12_000) / 12_000).toBeLessThan(0.011)
})

test('a second without requests has no percentiles, and the ring keeps a quarter of an hour', () => {
  for (let i = 1; i <= 1000; i++) live.tick(i * 1000)
  expect(live.ticks()).toHaveLength(900)
  expect(live.ticks().at(-1)).toMatchObject({ at: 999_000, requests: 0, p50Us: null, cacheShare: null })
})

test('a page that opens gets the newest rows that match, oldest first', () => {
  const [a, b, c] = [record({ status: 500 }), record(), record({ status: 503 })]
  live.records(recordsJson([a, b]))
  live.records(recordsJson([c]))
  const events: LiveEvent[] = []
  live.subscribe('status:5xx', event => events.push(event))
  expect(rowsOf(events).map(row => row.spanId)).toEqual([a.spanId, c.spanId])
})

test('what is kept for a page that opens is bounded', () => {
  for (let i = 0; i < 50; i++) live.records(recordsJson(Array.from({ length: 100 }, () => record())))
  const events: LiveEvent[] = []
  live.subscribe('', event => events.push(event))
  expect(rowsOf(events)).toHaveLength(500)
})

test('at most 50 rows a second, the rest counted; the next second has room again', () => {
  const events: LiveEvent[] = []
  live.subscribe('route:shop', event => events.push(event))
  events.length = 0
  live.batch(5000)
  live.records(recordsJson([...Array.from({ length: 70 }, () => record()), record({ route: 'api' })]))
  live.batch(5100)
  live.records(recordsJson([record()]))
  live.batch(5200)
  expect([rowsOf(events).length, skippedOf(events)]).toEqual([50, 21])
  live.batch(6100)
  live.records(recordsJson([record()]))
  live.batch(6200)
  expect([rowsOf(events).length, skippedOf(events)]).toEqual([51, 21])
})

test('a watcher also hears ticks and events, until it stops', () => {
  const events: LiveEvent[] = []
  const stop = live.subscribe('', event => events.push(event))
  live.tally([tallyCell()])
  live.tick(1000)
  live.event({ at: 1, kind: 'reload', text: 'Reloaded.', until: null })
  stop()
  live.tick(2000)
  expect(events.map(event => event.type)).toEqual(['exchanges', 'tick', 'event'])
})

test('a wrong filter is refused, and so is a crowd', () => {
  expect(() => live.subscribe('status:x', () => {})).toThrow(QueryError)
  for (let i = 0; i < 100; i++) live.subscribe('', () => {})
  expect(() => live.subscribe('', () => {})).toThrow(RangeError)
})
