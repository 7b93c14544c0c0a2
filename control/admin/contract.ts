// The admin API's types: all that the dashboard may import, and what every handler returns.
import type {
  Attempt,
  CacheVerdict,
  ErrorType,
  ExchangeRecord,
  GrpcStatus,
  KeepReason,
} from '../../telemetry/record.ts'

/** A point in time: Unix milliseconds. */
export type UnixMs = number

/** What the global filter and time picker ask for. Sent as `from`, `to`, `q`. */
export interface Scope {
  from: UnixMs
  to: UnixMs
  /** The filter language: `route:shop status:5xx duration:>250ms -cache:hit text`. */
  q: string
}

/** Header figures of a period. Null: nothing happened, so there is no such figure. */
export interface Figures {
  requests: number
  /** Requests per second. */
  rate: number
  /** Answered 5xx or failed, 0 to 1. */
  errorShare: number | null
  p50Us: number | null
  p95Us: number | null
  p99Us: number | null
  /** Answered from the cache (hit, stale, revalidated, collapsed) of those that a cache could see, 0 to 1. */
  cacheShare: number | null
  limited: number
  inBytes: number
  outBytes: number
}

export interface RouteRow extends Figures {
  route: string
  lastSeen: UnixMs | null
  /** Requests per bucket over the scope, 24 buckets; null where telemetry has a gap. */
  trend: (number | null)[]
}

export interface UpstreamRow {
  route: string
  upstream: string
  /** gone: asked in the scope, but no longer configured. */
  state: 'up' | 'out' | 'down' | 'gone'
  reason: string
  outUntil: UnixMs | null
  /** Share of its group's attempts in the scope, 0 to 1. */
  share: number | null
  attempts: number
  failures: number
  p50Us: number | null
  p95Us: number | null
  inFlight: number
  connections: number
  /** Attempts per bucket over the scope, 24 buckets. */
  trend: (number | null)[]
  lastError: string
}

/** GET /api/v1/overview */
export interface Overview {
  scope: Scope
  now: Figures
  /** The same length of time before the scope. */
  before: Figures
  inFlight: number
  routes: RouteRow[]
  upstreams: UpstreamRow[]
  events: TimelineEvent[]
}

/** Something that changed: a reload, an ejection, a worker that died, telemetry lost. */
export interface TimelineEvent {
  at: UnixMs
  kind: 'reload' | 'reload-refused' | 'worker' | 'upstream' | 'telemetry' | 'cache' | 'start' | 'stop'
  text: string
  /** For gaps: records of this span are missing. */
  until: UnixMs | null
}

export type SeriesBy = 'status' | 'route' | 'upstream' | 'cache' | 'method'

/** GET /api/v1/series?by= */
export interface Series {
  scope: Scope
  /** Bucket width. */
  stepMs: number
  /** Bucket starts. */
  times: UnixMs[]
  /** One line per group: requests in each bucket; null where telemetry has a gap. */
  groups: { name: string; counts: (number | null)[] }[]
  errorShare: (number | null)[]
  cacheShare: (number | null)[]
  outBytes: (number | null)[]
  p50Us: (number | null)[]
  p95Us: (number | null)[]
  p99Us: (number | null)[]
  events: TimelineEvent[]
}

/** GET /api/v1/heatmap: how many requests took how long, when. */
export interface Heatmap {
  scope: Scope
  stepMs: number
  times: UnixMs[]
  /** Lower bounds of the rows, microseconds, rising. */
  boundsUs: number[]
  /** counts[row][column]. */
  counts: number[][]
  /** The slowest known exchange of a column, to open it. */
  exemplars: { at: UnixMs; durationUs: number; traceId: string }[]
}

/** One line of the request list. */
export interface ExchangeRow {
  /** Opens the exchange; also the paging key. Sorts by time. */
  id: string
  at: UnixMs
  durationUs: number
  traceId: string
  spanId: string
  route: string
  host: string
  method: string
  scheme: string
  protocol: string
  path: string
  query: string
  status: number
  client: string
  userAgent: string
  inBytes: number
  outBytes: number
  error: ErrorType | ''
  upstream: string
  cache: CacheVerdict
  answeredBy: string
  attempts: number
  aborted: boolean
  weight: number
  /** How a gRPC call ended; null: the reply did not say. */
  grpcStatus: GrpcStatus | null
  /** Why it was no request, in the word that is counted; '' for what was one. */
  reject: string
}

/** GET /api/v1/exchanges?before=&limit= (newest first) */
export interface ExchangePage {
  rows: ExchangeRow[]
  /** Pass as `before` for the next page; null at the end. */
  next: string | null
  /** Requests in the scope, exact, from the rollups; null when the filter asks more than they know. */
  total: number | null
  /** Requests over time for the histogram above the list. */
  histogram: { stepMs: number; times: UnixMs[]; ok: number[]; client: number[]; server: number[] }
}

/** GET /api/v1/facets: the most frequent values among the rows of the scope. */
export interface Facets {
  fields: { field: string; values: { value: string; count: number }[] }[]
  /** Rows looked at; the newest when there are more. */
  rows: number
}

/** One decision in words. */
export interface Decision {
  stage: string
  reason: string
  sentence: string
  atUs: number
  tookUs: number
}

type RecordedDetail = Pick<ExchangeRecord, 'requestHeaders' | 'replyHeaders' | 'tls'>

/** GET /api/v1/exchanges/:id */
export interface ExchangeDetail extends ExchangeRow, RecordedDetail {
  parentId: string
  requestId: string
  referer: string
  firstByteUs: number
  errorText: string
  keep: KeepReason
  keepSentence: string
  worker: number
  /** Number of the client's connection in its worker; the same number: the same connection. 0: not known. */
  connection: number
  decisions: Decision[]
  attemptList: (Attempt & { sentence: string })[]
  /** Other exchanges of the same trace. */
  siblings: ExchangeRow[]
}

/** GET /api/v1/traces/:traceId */
export interface Trace {
  traceId: string
  spans: Span[]
}

/** A span derived from a record: one SERVER span, one INTERNAL per stage, one CLIENT per attempt. */
export interface Span {
  spanId: string
  parentId: string
  name: string
  kind: 'server' | 'internal' | 'client'
  startUs: number
  durationUs: number
  status: 'unset' | 'error'
  /** OpenTelemetry semantic-convention names. */
  attributes: Record<string, string | number | boolean>
}

/** POST /api/v1/explain */
export interface ExplainRequest {
  method: string
  url: string
  headers?: [name: string, value: string][]
  /** The client's address; default 127.0.0.1. */
  from?: string
}
export interface Explanation {
  route: string
  decisions: Decision[]
  /** What the client would get, as far as that is known without sending. */
  outcome: string
  /** The upstream that would be asked, '' when none. */
  upstream: string
}

/** GET /api/v1/live?q= (server-sent events; `event:` is the type) */
export type LiveEvent =
  /** skipped: rows that matched but were not sent, over 50/s. */
  | { type: 'exchanges'; rows: ExchangeRow[]; skipped: number }
  | { type: 'tick'; tick: Tick }
  | { type: 'event'; event: TimelineEvent }

/** Totals of one second, from memory. */
export interface Tick {
  at: UnixMs
  requests: number
  errors: number
  limited: number
  byStatus: { ok: number; redirect: number; client: number; limited: number; server: number; aborted: number }
  p50Us: number | null
  p95Us: number | null
  p99Us: number | null
  cacheShare: number | null
  outBytes: number
  inFlight: number
}

/** POST /api/v1/reload */
export interface ReloadOutcome {
  ok: boolean
  generation: number
  /** `file:line:column message` lines when refused. */
  problems: string[]
}

/** Every error of the API. */
export type ApiError = { error: { status: number; message: string } }
