// Records and tallies for the telemetry tests: the same every run.
import { bucketIndex, exponentialIndex } from '../../proxy/lib/histogram.ts'
import { type ExchangeRecord, type TallyCell, toTuple } from '../../telemetry/record.ts'

/** A small seeded generator (mulberry32): 0 to below 1. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function pick<T>(random: () => number, of: readonly T[]): T {
  return of[Math.floor(random() * of.length)]!
}

let serial = 0

export function record(over: Partial<ExchangeRecord> = {}): ExchangeRecord {
  const span = (++serial).toString(16).padStart(16, '0')
  return {
    startedMs: Date.UTC(2026, 10, 12, 12),
    durationUs: 12_000,
    traceId: `${'a'.repeat(16)}${span}`,
    spanId: span,
    parentId: '',
    requestId: span,
    traceFlags: 1,
    route: 'shop',
    host: 'shop.test',
    method: 'GET',
    scheme: 'https',
    protocol: '2',
    path: '/cart',
    query: '',
    status: 200,
    client: '192.0.2.7',
    userAgent: 'Mozilla/5.0',
    referer: '',
    inBytes: 10,
    outBytes: 1000,
    firstByteUs: 9000,
    error: '',
    errorText: '',
    answeredBy: 'upstream',
    upstream: 'localhost:3000',
    cache: 'miss',
    keep: 'budget',
    weight: 1,
    aborted: false,
    worker: 1,
    connection: 1,
    verdicts: [{ stage: 'route', reason: 'matched', a: 2, b: 0, text: 'shop.test', atUs: 5, tookUs: 2 }],
    attempts: [
      {
        upstream: 'localhost:3000',
        picked: 'round-robin',
        startUs: 100,
        connectedUs: 200,
        headUs: 8000,
        endUs: 11_000,
        status: 200,
        error: '',
        errorText: '',
        reused: false,
      },
    ],
    requestHeaders: ['host', 'shop.test'],
    replyHeaders: ['content-type', 'text/html'],
    tls: null,
    grpcStatus: -1,
    ...over,
  }
}

const OUTCOMES: readonly Partial<ExchangeRecord>[] = [
  { status: 200 },
  { status: 200, cache: 'hit', upstream: '', attempts: [] },
  { status: 304 },
  { status: 404 },
  { status: 429, error: 'rate_limited', upstream: '', attempts: [], cache: 'none' },
  { status: 502, error: 'connection_refused' },
  { status: 500 },
  { status: 499, error: 'client_aborted', aborted: true },
]

/** Requests of mixed outcome, spread over `spanMs`. */
export function traffic(
  random: () => number,
  count: number,
  fromMs: number,
  spanMs: number,
): ExchangeRecord[] {
  return Array.from({ length: count }, () =>
    record({
      startedMs: fromMs + Math.floor(random() * spanMs),
      durationUs: Math.round(10 ** (2 + random() * 4.5)),
      route: pick(random, ['shop', 'api', '_unmatched']),
      method: pick(random, ['GET', 'GET', 'POST']),
      inBytes: Math.floor(random() * 1000),
      outBytes: Math.floor(random() * 10_000),
      upstream: pick(random, ['localhost:3000', 'localhost:3001']),
      ...pick(random, OUTCOMES),
    }),
  )
}

export const recordsJson = (records: readonly ExchangeRecord[]): string =>
  JSON.stringify(records.map(toTuple))

export function tallyCell(
  over: Partial<TallyCell> = {},
  durationsUs: readonly number[] = [12_000],
): TallyCell {
  const buckets = new Array<number>(15).fill(0)
  const exponential = new Map<number, number>()
  for (const us of durationsUs) {
    buckets[bucketIndex(us)]!++
    exponential.set(exponentialIndex(us), (exponential.get(exponentialIndex(us)) ?? 0) + 1)
  }
  return {
    kind: 'server',
    route: 'shop',
    upstream: 'localhost:3000',
    method: 'GET',
    status: 200,
    cache: 'none',
    protocol: '1.1',
    error: '',
    count: durationsUs.length,
    sumUs: durationsUs.reduce((a, b) => a + b, 0),
    minUs: Math.min(...durationsUs),
    maxUs: Math.max(...durationsUs),
    inBytes: 10,
    outBytes: 1000,
    buckets,
    exponential: [...exponential].flat(),
    exemplar: '',
    ...over,
  }
}

/** What a worker would tally for these exchanges: one cell each, which is the hardest to merge right. */
export function talliesOf(records: readonly ExchangeRecord[]): TallyCell[] {
  return records.flatMap(r => {
    const { route, upstream, method, status, cache, protocol, error, inBytes, outBytes } = r
    const exemplar = r.traceId
    const names = { route, upstream, method, status, cache, protocol, error, inBytes, outBytes, exemplar }
    const server = tallyCell(names, [r.durationUs])
    const clients = r.attempts.map(attempt =>
      tallyCell({ ...names, kind: 'client', cache: 'none', upstream, status, error }, [
        attempt.endUs - attempt.startUs,
      ]),
    )
    return [server, ...clients]
  })
}

/** Tally frames' payloads, one per second of the records' start. */
export function tallyFrames(records: readonly ExchangeRecord[]): string[] {
  const bySecond = Map.groupBy(records, r => Math.floor(r.startedMs / 1000) * 1000)
  return [...bySecond].map(([atMs, of]) => JSON.stringify({ atMs, cells: talliesOf(of) }))
}
