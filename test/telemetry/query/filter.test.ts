// The filter language: what it understands, what it refuses and where; memory and SQL agree on every row.
import { describe, expect, test } from 'vitest'
import { parseFilter } from '../../../telemetry/query/filter.ts'
import { matcher } from '../../../telemetry/query/filter-match.ts'
import { isRollupFilter, toCondition } from '../../../telemetry/query/filter-sql.ts'
import { indexHint } from '../../../telemetry/query/index-hint.ts'
import { QueryError } from '../../../telemetry/query/query-error.ts'
import type { ExchangeRecord } from '../../../telemetry/record.ts'
import { toRow } from '../../../telemetry/row.ts'
import { Dictionary } from '../../../telemetry/store/dictionary.ts'
import { openDriver } from '../../../telemetry/store/driver.ts'
import { insertExchange } from '../../../telemetry/store/insert-exchange.ts'
import { EVENTS } from '../../../telemetry/store/schema.ts'
import { randomFrom, record, traffic } from '../records.ts'

const RECORDS: ExchangeRecord[] = [
  ...traffic(randomFrom(3), 200, Date.UTC(2026, 10, 12), 3600_000),
  record({ path: '/a[b]?c*d', userAgent: 'curl/8.5 (x86)', client: '2001:db8::1' }),
  record({ path: '/API/v1/items', host: 'api.shop.test', durationUs: 250_000 }),
  record({ path: '/api/v1/items', durationUs: 250_001, protocol: '1.1' }),
  record({ attempts: [...record().attempts, ...record().attempts], error: 'http_response_incomplete' }),
  record({ status: 499, error: 'rate_limited' }),
  record({ method: 'PROPFIND' }),
  record({ grpcStatus: 0, protocol: '2', method: 'POST' }),
  record({ grpcStatus: 14, protocol: '2', method: 'POST' }),
  record({ error: 'malformed_request', errorText: 'cl_te', answeredBy: 'wire', status: 400 }),
  record({ error: 'malformed_request', errorText: 'a chunk has no length', status: 400 }),
  record({
    error: 'malformed_request',
    errorText: 'connection: close, x',
    answeredBy: 'guard',
    status: 400,
    verdicts: [{ stage: 'guard', reason: 'connection-field', a: 0, b: 0, text: '', atUs: 0, tookUs: 0 }],
  }),
  record({ method: '_OTHER', status: 501, cache: 'stale', traceId: 'f'.repeat(32) }),
]

// biome-ignore format: one per line would be fifty lines
const FILTERS = [
  '', 'route:shop', 'route:sh*', '-route:*', 'route:shop,api', 'status:200', 'status:5xx', 'status:>=400',
  'status:400-499,200', 'status:<300', '-status:2xx', 'duration:>250ms', 'duration:<=250ms', 'duration:1ms-1s',
  'path:/api', 'path:/api/*/items', 'path:*items', 'path:"/a[b]"', 'path:/a[b]?*', '-path:/cart', 'host:*.shop.test',
  'host:SHOP.test', 'method:get', 'method:_OTHER', '-method:_OTHER', 'method:propfind', 'method:P*', 'cache:hit,stale', 'cache:*', 'error:*', '-error:*', 'upstream:*:3001',
  'client:2001*', 'client:192.0.2.7', 'protocol:2', 'ua:CURL', 'is:aborted', 'is:limited', 'is:retried', 'is:failed',
  'is:cached,failed', '-is:failed', 'grpc:*', '-grpc:*', 'grpc:ok', 'grpc:Unavailable,0', 'grpc:>0', 'grpc:<=14',
  'reject:cl_te', 'reject:bad_*', 'reject:connection_field', 'reject:*', '-reject:*', 'reject:bad_body status:400', `trace:${'f'.repeat(32)}`, 'curl', 'ITEMS', '"8.5 (x86"', '-cart status:200',
  'refused', 'route:shop status:5xx -method:POST duration:>1ms cart',
]

describe('memory and SQL agree', () => {
  const db = openDriver(':memory:', false)
  for (const table of EVENTS.tables) db.run(table)
  const dict = new Dictionary(db)
  const ids = RECORDS.map((r, i) => insertExchange(db, dict, i + 1, r))

  test.each(FILTERS)('%s', q => {
    const terms = parseFilter(q)
    const { sql, params } = toCondition(terms)
    const where = `${indexHint(terms)} AND (${sql})`
    const stored = db.all<{ id: number }>(`SELECT id FROM exchange WHERE ${where} ORDER BY id`, ...params)
    const matches = matcher(terms)
    const live = ids.filter((_, i) => matches(toRow(RECORDS[i]!)))
    expect(stored.map(row => row.id)).toEqual(live)
  })

  test.each([
    ['status:5xx', 'exchange_failed'],
    ['error:*', 'exchange_failed'],
    ['is:failed path:/x', 'exchange_failed'],
    ['duration:>1s', 'exchange_slow'],
    ['reject:cl_te', 'exchange_failed'],
    ['grpc:unavailable', 'exchange_grpc'],
    ['-grpc:*', 'PRIMARY KEY'],
    ['status:>=400', 'PRIMARY KEY'],
  ])('%s is looked up through %s', (q, index) => {
    const { sql, params } = toCondition(parseFilter(q))
    const where = `id >= 1 AND id < 900 AND ${indexHint(parseFilter(q))} AND (${sql})`
    const plan = db.all<{ detail: string }>(
      `EXPLAIN QUERY PLAN SELECT path FROM exchange WHERE ${where}`,
      ...params,
    )
    expect(plan[0]!.detail).toContain(index)
  })

  test('the interesting filters do find something', () => {
    const found = (q: string) => RECORDS.filter(r => matcher(parseFilter(q))(toRow(r))).length
    expect(found('path:/a[b]?*')).toBe(1)
    expect(found('path:/api/*/items')).toBe(1)
    expect(found('is:retried')).toBe(1)
    expect(found('method:_OTHER')).toBe(2)
    expect(found('duration:>250ms ITEMS')).toBe(1)
    expect(found('ua:CURL')).toBe(1)
    expect(found('client:2001*')).toBe(1)
    expect(found('is:limited status:499')).toBe(1)
    expect(found('grpc:*')).toBe(2)
    expect(found('grpc:unavailable')).toBe(1)
    expect(found('reject:cl_te')).toBe(1)
    expect(found('reject:*')).toBe(3)
  })
})

test.each([
  ['route:', 6, 'a value is missing'],
  ['status:abc', 7, 'expected status: 200, 5xx, 400-499 or >=400'],
  ['status:200 duration:5', 20, 'expected duration: >250ms, <1s or 100ms-2s'],
  ['  colour:red', 2, 'there is no field "colour"'],
  ['http://x', 0, 'quotation marks'],
  ['path:"/a', 0, 'a quotation mark is not closed'],
  ['trace:12', 6, 'a trace id has 32 hexadecimal digits'],
  ['-is:green', 4, 'expected is:aborted'],
  ['grpc:soso', 5, 'expected grpc: unavailable, 14, >0 or *'],
  ['status:200,,300', 7, 'a value is missing'],
  ['-', 1, 'a value is missing'],
  ['x'.repeat(2001), 2000, '2000 characters'],
])('%s is refused at %i', (q, position, message) => {
  let caught: unknown
  try {
    parseFilter(q)
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(QueryError)
  const error = caught as QueryError
  expect([error.status, error.position]).toEqual([422, position])
  expect(error.message).toContain(message)
})

test('text is never part of the SQL', () => {
  const { sql, params } = toCondition(parseFilter(`"'; DROP TABLE exchange" path:"'x" -ua:"'y"`))
  expect(sql).not.toMatch(/DROP|'x|'y/)
  expect(params).toContain("'; drop table exchange")
})

test('rollups answer what they know and nothing else', () => {
  expect(
    isRollupFilter(parseFilter('route:a -upstream:b method:GET status:5xx cache:hit error:* is:failed')),
  ).toBe(true)
  for (const q of [
    'x',
    'path:/a',
    'host:a',
    'duration:>1s',
    'is:retried',
    'client:a',
    `trace:${'0'.repeat(32)}`,
  ]) {
    expect(isRollupFilter(parseFilter(q))).toBe(false)
  }
})

test('any text either parses or is refused with a position inside it', () => {
  const random = randomFrom(11)
  const alphabet = ['route', ':', ' ', '"', '-', '*', '5xx', 'status', '>', '\\', ',', 'is', 'é', '\t', '=']
  for (let i = 0; i < 2000; i++) {
    const q = Array.from(
      { length: random() * 12 },
      () => alphabet[Math.floor(random() * alphabet.length)],
    ).join('')
    try {
      matcher(parseFilter(q))(toRow(RECORDS[0]!))
    } catch (error) {
      expect(error).toBeInstanceOf(QueryError)
      expect((error as QueryError).position).toBeLessThanOrEqual(q.length)
    }
  }
})
