// Each question against a store with known exchanges.
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Scope, TimelineEvent } from '../../../control/admin/contract.ts'
import { answer } from '../../../telemetry/query/answer.ts'
import { type Context, newContext } from '../../../telemetry/query/context.ts'
import { QueryError } from '../../../telemetry/query/query-error.ts'
import type { Answer, Params, QuestionName } from '../../../telemetry/query/questions.ts'
import { Reader } from '../../../telemetry/query/reader.ts'
import type { ExchangeRecord } from '../../../telemetry/record.ts'
import { exchangeId } from '../../../telemetry/row.ts'
import { openDriver } from '../../../telemetry/store/driver.ts'
import { removeEventFile } from '../../../telemetry/store/retention.ts'
import { Writer } from '../../../telemetry/store/writer.ts'
import { record, recordsJson, tallyFrames } from '../records.ts'
import { tempDir } from '../temp-dir.ts'

const NOON = Date.UTC(2026, 10, 12, 12)
const MIDNIGHT = Date.UTC(2026, 10, 13)
const scope: Scope = { from: NOON, to: NOON + 600_000, q: '' }

let dir: string
let nowMs: number
let writer: Writer
let reader: Reader

beforeEach(() => {
  dir = tempDir()
  nowMs = NOON
  const settings = {
    dataDir: dir,
    maxAgeDays: 7,
    maxBytes: 1e9,
    ballastBytes: 0,
    retryMs: 1,
    processStartedMs: NOON,
  }
  writer = new Writer(settings, { post: () => {}, now: () => nowMs })
  writer.start()
  reader = new Reader(dir)
  onTestFinished(() => {
    reader.close()
    writer.close()
  })
})

let sequence = 0

function put(records: readonly ExchangeRecord[]): void {
  writer.records(recordsJson(records))
  for (const json of tallyFrames(records)) writer.tally(++sequence, json)
  writer.flush()
}

function ask<Q extends QuestionName>(name: Q, params: Params<Q>, budgetMs = 5000): Answer<Q> {
  return answer(name, params, newContext(reader, budgetMs, nowMs) satisfies Context)
}

const gap = (at: number, until: number): TimelineEvent => ({
  at,
  kind: 'worker',
  text: 'A worker died.',
  until,
})

describe('one exchange', () => {
  test('is found by its id, with its decisions and attempts in words, and its trace beside it', () => {
    const traceId = 'c'.repeat(32)
    const [first, second] = [
      record({ traceId, startedMs: NOON + 1.25 }),
      record({ traceId, startedMs: NOON + 2 }),
    ]
    put([first, second, record()])
    const detail = ask('exchange', { id: exchangeId(first.startedMs, first.spanId) })!
    expect(detail).toMatchObject({ at: NOON + 1.25, traceId, attempts: 1, keep: 'budget', firstByteUs: 9000 })
    expect(detail.decisions[0]!.sentence).toBe('Matched shop.test, the most specific of 2 routes that fit.')
    expect(detail.attemptList[0]!.sentence).toContain('answered 200 in 7.9 ms on a new connection')
    expect(detail.requestHeaders).toEqual(['host', 'shop.test'])
    expect(detail.siblings.map(row => row.spanId)).toEqual([second.spanId])
  })

  test('is found although it began days before the file it lies in', () => {
    const long = record({ startedMs: NOON - 40 * 3600_000 })
    put([record(), long])
    nowMs = MIDNIGHT + 1000
    const over = record({ startedMs: MIDNIGHT - 5 })
    put([over])
    for (const r of [long, over])
      expect(ask('exchange', { id: exchangeId(r.startedMs, r.spanId) })?.at).toBe(r.startedMs)
  })

  test.each(['', '12', `${NOON}-${'0'.repeat(16)}`, `99999999999999-${'0'.repeat(16)}`, 'x-y'])(
    '%s is none',
    id => {
      put([record()])
      expect(ask('exchange', { id })).toBeNull()
    },
  )
})

test('a trace is derived: a server span, one per decision, one per attempt', () => {
  const traceId = 'd'.repeat(32)
  const failed = { ...record().attempts[0]!, error: 'connection_refused', status: 0, endUs: -1 } as const
  const r = record({
    traceId,
    parentId: 'e'.repeat(16),
    host: 'shop.test:8443',
    attempts: [failed, record().attempts[0]!],
  })
  put([r])
  const { spans } = ask('trace', { traceId })!
  expect(spans.map(span => span.kind)).toEqual(['server', 'internal', 'client', 'client'])
  expect(new Set(spans.map(span => span.spanId)).size).toBe(4)
  expect(spans[0]).toMatchObject({
    spanId: r.spanId,
    parentId: r.parentId,
    name: 'GET shop',
    status: 'unset',
  })
  expect(spans[0]!.attributes).toMatchObject({
    'http.request.method': 'GET',
    'http.route': 'shop',
    'http.response.status_code': 200,
    'server.address': 'shop.test',
    'server.port': 8443,
    'url.path': '/cart',
  })
  expect(spans[0]!.attributes).not.toHaveProperty('error.type')
  expect(spans[2]).toMatchObject({ parentId: r.spanId, status: 'error', durationUs: 11_900 })
  expect(spans[2]!.attributes).toMatchObject({ 'error.type': 'connection_refused', 'server.port': 3000 })
  expect(spans[3]!.attributes).toMatchObject({
    'http.request.resend_count': 1,
    'http.response.status_code': 200,
  })
  expect(ask('trace', { traceId: 'f'.repeat(32) })).toBeNull()
  expect(() => ask('trace', { traceId: 'zz' })).toThrow(QueryError)
})

describe('gaps', () => {
  test('a bucket without counts that a gap touches is unknown, one with counts shows them', () => {
    put([record({ startedMs: NOON + 5000 }), record({ startedMs: NOON + 65_000 })])
    writer.event(gap(NOON + 60_000, NOON + 85_000))
    const series = ask('series', { scope: { ...scope, to: NOON + 120_000 }, by: 'status', stepMs: 10_000 })
    expect(series.groups).toEqual([{ name: 'ok', counts: [1, 0, 0, 0, 0, 0, 1, null, null, 0, 0, 0] }])
    expect(series.p50Us.map(us => us !== null)).toEqual([
      true,
      ...new Array(5).fill(false),
      true,
      ...new Array(5).fill(false),
    ])
    expect(series.events).toEqual([gap(NOON + 60_000, NOON + 85_000)])
    const { routes } = ask('overview', {
      scope: { ...scope, to: NOON + 240_000 },
      inFlight: 0,
      upstreams: [],
    })
    expect(routes[0]!.trend.slice(0, 10)).toEqual([1, 0, 0, 0, 0, 0, 1, null, null, 0])
  })
})

test('figures of a quiet period are null, not zero, where there is nothing to divide', () => {
  const { now, before, routes } = ask('overview', { scope, inFlight: 2, upstreams: [] })
  const quiet = { requests: 0, rate: 0, errorShare: null, p50Us: null, cacheShare: null, limited: 0 }
  expect(now).toMatchObject(quiet)
  expect(before).toMatchObject(quiet)
  expect(routes).toEqual([])
})

test('percentiles are within 1.1 % and never outside what happened', () => {
  const durations = Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000)
  put(durations.map(durationUs => record({ durationUs, startedMs: NOON + 1000 })))
  const { now } = ask('overview', { scope, inFlight: 0, upstreams: [] })
  for (const [told, truth] of [
    [now.p50Us, 500_000],
    [now.p95Us, 950_000],
    [now.p99Us, 990_000],
  ] as const) {
    expect(Math.abs(told! - truth) / truth).toBeLessThan(0.011)
  }
  put([record({ durationUs: 70, route: 'lone', startedMs: NOON + 1000 })])
  const lone = ask('overview', { scope: { ...scope, q: 'route:lone' }, inFlight: 0, upstreams: [] }).now
  expect([lone.p50Us, lone.p99Us]).toEqual([70, 70])
})

test('upstreams: what was asked joined with how they are', () => {
  const other = { ...record().attempts[0]!, upstream: 'localhost:3001', error: 'connection_refused' } as const
  const ok = record({ startedMs: NOON + 1000 })
  put([
    ok,
    ok,
    { ...ok, upstream: 'localhost:3001', attempts: [other], status: 502, error: 'connection_refused' },
  ])
  const state = {
    route: 'shop',
    upstream: 'localhost:3001',
    state: 'out',
    reason: 'Failed.',
    outUntilMs: 5,
  } as const
  const idle = { route: 'shop', upstream: 'localhost:3002', state: 'up', reason: '', outUntilMs: 0 } as const
  const gauges = { inFlight: 1, connections: 2 }
  const rows = ask('upstreams', {
    scope,
    upstreams: [
      { ...state, ...gauges },
      { ...idle, ...gauges },
    ],
  })
  const view = rows.map(r => [r.upstream, r.state, r.attempts, r.failures, r.lastError, r.outUntil])
  expect(view).toEqual([
    ['localhost:3000', 'gone', 2, 0, '', null],
    ['localhost:3001', 'out', 1, 1, 'connection_refused', 5],
    ['localhost:3002', 'up', 0, 0, '', null],
  ])
  expect(rows.map(r => r.share)).toEqual([2 / 3, 1 / 3, 0])
})

test('the list pages over day files, and a filter only rows can answer has no total', () => {
  for (let day = 0; day < 3; day++) {
    nowMs = NOON + day * 86_400_000
    put(
      Array.from({ length: 5 }, (_, i) =>
        record({ startedMs: nowMs + i, path: i % 2 === 0 ? '/even' : '/odd' }),
      ),
    )
  }
  const wide = { from: NOON - 1000, to: nowMs + 1000, q: 'path:/even' }
  const seen: number[] = []
  let before: string | null = null
  do {
    const page: Answer<'exchanges'> = ask('exchanges', { scope: wide, before, limit: 2 })
    seen.push(...page.rows.map(row => row.at))
    expect(page.total).toBeNull()
    before = page.next
  } while (before !== null)
  expect(seen).toHaveLength(9)
  expect(seen).toEqual(seen.toSorted((a, b) => b - a))
  const { histogram } = ask('exchanges', { scope: wide, before: null, limit: 1 })
  expect(histogram.ok.reduce((a, b) => a + b, 0)).toBe(9)
  const all = ask('exchanges', { scope: { ...wide, q: '' }, before: null, limit: 100 })
  expect([all.total, all.rows.length, all.next]).toEqual([15, 15, null])
})

test('sampled rows count with their weight where only rows can answer', () => {
  put([])
  writer.records(recordsJson([record({ weight: 20, keep: 'sampled' }), record()]))
  const { now } = ask('overview', { scope: { ...scope, q: 'path:/cart' }, inFlight: 0, upstreams: [] })
  expect(now.requests).toBe(21)
})

test('facets: the most frequent values, in the filter language', () => {
  put([record(), record(), record({ status: 404, path: '/x' })])
  const { fields, rows } = ask('facets', { scope })
  expect(rows).toBe(3)
  expect(fields.find(f => f.field === 'status')!.values).toEqual([
    { value: '200', count: 2 },
    { value: '404', count: 1 },
  ])
  expect(fields.find(f => f.field === 'error')!.values).toEqual([])
})

test('rows tell how a gRPC call ended and why a request was none; both are facets', () => {
  put([
    record(),
    record({ grpcStatus: 14, path: '/shop.Cart/Add' }),
    record({ error: 'malformed_request', errorText: 'cl_te', answeredBy: 'wire', status: 400 }),
  ])
  const list = (q: string) => ask('exchanges', { scope: { ...scope, q }, before: null, limit: 5 }).rows
  expect(list('grpc:unavailable').map(row => row.grpcStatus)).toEqual([{ code: 14, name: 'UNAVAILABLE' }])
  expect(list('reject:*').map(row => [row.grpcStatus, row.reject])).toEqual([[null, 'cl_te']])
  const { fields } = ask('facets', { scope })
  expect(fields.find(f => f.field === 'grpc')!.values).toEqual([{ value: 'UNAVAILABLE', count: 1 }])
  expect(fields.find(f => f.field === 'reject')!.values).toEqual([{ value: 'cl_te', count: 1 }])
})

/** Today's file as version 1 made it. */
function turnBack(): void {
  writer.close()
  reader.close()
  const db = openDriver(join(dir, 'events', '20261112.db'), false)
  db.run('DROP INDEX exchange_grpc')
  db.run('ALTER TABLE exchange DROP COLUMN grpc')
  db.run('ALTER TABLE exchange DROP COLUMN reject')
  db.run('PRAGMA user_version = 1')
  db.close()
}

test("yesterday's file of an older Oriel is read as it is", () => {
  put([record({ path: '/old', startedMs: NOON }), record({ status: 500, startedMs: NOON })])
  turnBack()
  nowMs = MIDNIGHT + 1000
  writer.start()
  put([record({ path: '/new', startedMs: MIDNIGHT + 500, grpcStatus: 0 })])
  const list = (q: string) =>
    ask('exchanges', { scope: { from: NOON, to: MIDNIGHT + 1000, q }, before: null, limit: 5 }).rows
  expect(list('-status:5xx').map(({ path, grpcStatus }) => [path, grpcStatus?.code])).toEqual([
    ['/new', 0],
    ['/old', undefined],
  ])
  expect(list('is:failed')).toHaveLength(1)
  expect(list('grpc:*').map(row => row.path)).toEqual(['/new'])
  expect(ask('exchange', { id: list('-grpc:*')[0]!.id })!.reject).toBe('')
})

test("today's file of an older Oriel is written on", () => {
  put([record({ path: '/old', startedMs: NOON })])
  turnBack()
  writer.start()
  put([record({ path: '/new', startedMs: NOON + 1, grpcStatus: 0 })])
  const { rows } = ask('exchanges', { scope, before: null, limit: 5 })
  expect(rows.map(row => [row.path, row.grpcStatus?.code])).toEqual([
    ['/new', 0],
    ['/old', undefined],
  ])
})

test('stored: bytes and the oldest row', () => {
  expect(ask('stored', {}).oldest).toBeNull()
  put([record({ startedMs: NOON + 7 })])
  const { storedBytes, oldest } = ask('stored', {})
  expect(oldest).toBe(NOON + 7)
  expect(storedBytes).toBeGreaterThan(10_000)
})

test('wrong questions are 422, too large ones 503', () => {
  const status = (run: () => unknown): number => {
    try {
      run()
    } catch (error) {
      if (error instanceof QueryError) return error.status
      throw error
    }
    return 200
  }
  put([record()])
  expect(status(() => ask('series', { scope: { from: 5, to: 5, q: '' }, by: 'route' }))).toBe(422)
  expect(status(() => ask('series', { scope: { from: 0, to: nowMs, q: '' }, by: 'route' }))).toBe(422)
  expect(status(() => ask('facets', { scope: { ...scope, q: 'status:x' } }))).toBe(422)
  expect(status(() => ask('exchanges', { scope, before: 'nonsense', limit: 5 }))).toBe(422)
  expect(
    status(() => ask('overview', { scope: { ...scope, q: 'path:/a' }, inFlight: 0, upstreams: [] }, -1)),
  ).toBe(503)
})

test('a file that retention removed is no longer read, one that was replaced is read anew', () => {
  const list = () => ask('exchanges', { scope, before: null, limit: 5 }).rows.map(row => row.path)
  put([record({ path: '/old' })])
  expect(list()).toEqual(['/old'])
  writer.close()
  removeEventFile(join(dir, 'events'), '20261112.db')
  expect(list()).toEqual([])
  expect(ask('stored', {}).oldest).toBeNull()
  writer.start()
  put([record({ path: '/new' })])
  expect(list()).toEqual(['/new'])
})

test('before anything was stored every question has an empty answer', () => {
  reader = new Reader(tempDir())
  expect(ask('stored', {})).toEqual({ storedBytes: 0, oldest: null })
  expect(ask('exchanges', { scope, before: null, limit: 5 }).rows).toEqual([])
  expect(ask('overview', { scope, inFlight: 0, upstreams: [] }).now.requests).toBe(0)
  expect(ask('heatmap', { scope }).counts).toEqual([])
  expect(ask('trace', { traceId: 'a'.repeat(32) })).toBeNull()
})
