// The exchange record: what one request did and why, with the counts and gauges that go beside it.

/** RFC 9211 in one word, plus `none` where no cache stood on the path. */
export const CACHE_VERDICTS = ['none', 'hit', 'stale', 'revalidated', 'collapsed', 'miss', 'bypass'] as const
export type CacheVerdict = (typeof CACHE_VERDICTS)[number]

/** Why a raw record was kept. Everything is counted; only rows above the budget are sampled. */
export const KEEP_REASONS = ['budget', 'error', 'slow', 'limited', 'retried', 'rare', 'sampled'] as const
export type KeepReason = (typeof KEEP_REASONS)[number]

/**
 * What went wrong, in the words of RFC 9209 section 2.3 where it has one (`error.type` in OpenTelemetry).
 * The last six are Oriel's own.
 */
// biome-ignore format: one per line would be forty lines
export const ERROR_TYPES = [
  'dns_timeout', 'dns_error', 'destination_not_found', 'destination_unavailable',
  'connection_refused', 'connection_terminated', 'connection_timeout', 'connection_read_timeout',
  'connection_write_timeout', 'connection_limit_reached', 'tls_protocol_error', 'tls_certificate_error',
  'http_request_error', 'http_request_denied', 'http_response_incomplete', 'http_response_header_section_size',
  'http_response_timeout', 'http_upgrade_failed', 'http_protocol_error', 'proxy_internal_response',
  'proxy_internal_error', 'proxy_configuration_error', 'proxy_loop_detected',
  'client_aborted', 'client_timeout', 'request_too_large', 'rate_limited', 'no_route', 'malformed_request',
] as const
export type ErrorType = (typeof ERROR_TYPES)[number]

/** What a stage decided. `a` and `b` are the reason's numbers, `text` its one word; sentences: reasons.ts. */
export interface Verdict {
  stage: string
  reason: string
  a: number
  b: number
  text: string
  /** Microseconds after the request head was read. */
  atUs: number
  tookUs: number
}

/** One try at one upstream. Offsets are microseconds after the request head was read; −1: never reached. */
export interface Attempt {
  /** The upstream's name: `host:port`. */
  upstream: string
  /** Why the balancer took this one. */
  picked: string
  startUs: number
  /** Connected (equal to startUs on a reused connection). */
  connectedUs: number
  /** Response head read. */
  headUs: number
  endUs: number
  status: number
  error: ErrorType | ''
  errorText: string
  reused: boolean
}

export interface TlsDetail {
  version: string
  cipher: string
  serverName: string
  resumed: boolean
}

/** How a gRPC call ended, in words too: for people. */
export interface GrpcStatus {
  code: number
  name: string
}

/** Flat name, value, name, value …; lower-case names, secrets already replaced by `[redacted]`. */
export type RecordedHeaders = string[]

/** One exchange, whole. Metrics, log line and trace are projections of it. */
export interface ExchangeRecord {
  /** Unix time of the request head, milliseconds with a fraction. */
  startedMs: number
  /** Head read to last byte sent or abort. */
  durationUs: number
  /** 32 hex digits. */
  traceId: string
  /** 16 hex digits; also the request id a client is told. */
  spanId: string
  /** 16 hex digits, or '' when the trace began here. */
  parentId: string
  requestId: string
  /** Bit 0: sampled. */
  traceFlags: number
  /** The route's name, `_unmatched` or `_rejected`. */
  route: string
  host: string
  method: string
  scheme: 'http' | 'https'
  /** `1.0`, `1.1` or `2`. */
  protocol: string
  path: string
  /** Redacted, without the question mark. */
  query: string
  /** 499: the client left before the head. */
  status: number
  /** Verified client address. */
  client: string
  userAgent: string
  referer: string
  inBytes: number
  outBytes: number
  /** Head to first reply byte handed to the wire; −1: none. */
  firstByteUs: number
  error: ErrorType | ''
  errorText: string
  /** The stage that answered, or `upstream`. */
  answeredBy: string
  /** Upstream of the last attempt, '' without one. */
  upstream: string
  cache: CacheVerdict
  keep: KeepReason
  /** How many exchanges this row stands for (1 below the row budget). */
  weight: number
  aborted: boolean
  worker: number
  /** Number of the client's connection in its worker, from 1; 0: none. */
  connection: number
  verdicts: Verdict[]
  attempts: Attempt[]
  /** Null when header capture was over its own budget. */
  requestHeaders: RecordedHeaders | null
  replyHeaders: RecordedHeaders | null
  tls: TlsDetail | null
  /** How a gRPC call ended (`rpc.response.status_code` in OpenTelemetry); −1: the reply did not say. */
  grpcStatus: number
}

/** Bounds of `http.server.request.duration`, seconds (OpenTelemetry HTTP metrics); a last bucket is +Inf. */
export const DURATION_BOUNDS_S = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
] as const

/**
 * What happened to all exchanges of one kind since the last tally: a delta, exact, never sampled.
 * `kind` server: client-side view; client: one upstream attempt.
 */
export interface TallyCell {
  kind: 'server' | 'client'
  route: string
  upstream: string
  method: string
  status: number
  cache: CacheVerdict
  protocol: string
  error: ErrorType | ''
  count: number
  sumUs: number
  minUs: number
  maxUs: number
  inBytes: number
  outBytes: number
  /** Counts per DURATION_BOUNDS_S, not cumulative; 15 of them. */
  buckets: number[]
  /** Exponential histogram at scale 5 of microseconds: index, count, index, count … */
  exponential: number[]
  /** Trace id of the slowest exchange, '' if none. */
  exemplar: string
}

/** How one upstream of one route looks from one worker. */
export interface UpstreamState {
  route: string
  upstream: string
  state: 'up' | 'out' | 'down'
  /** Why it is not up. */
  reason: string
  /** Unix milliseconds when an ejection ends, 0 when none. */
  outUntilMs: number
  inFlight: number
  connections: number
}

/** A worker's gauges, sent with each heartbeat. */
export interface WorkerState {
  worker: number
  pid: number
  inFlight: number
  connections: number
  /** Event-loop utilisation since the last heartbeat, 0 to 1. */
  utilisation: number
  rssBytes: number
  heapBytes: number
  cacheBytes: number
  cacheEntries: number
  /** Since the worker began: responses taken into memory, and those that gave way to others. */
  cacheStored: number
  cacheEvictions: number
  /** Stale answers asked about behind their clients' backs (RFC 5861 section 3). */
  cacheRefreshes: number
  /** What the filter of keys on disk takes; questions to the disk that took too long; entries not written. */
  diskFilterBytes: number
  diskLate: number
  diskDropped: number
  /** Routes whose upstream repeats a header that is not in the cache's key, at most 100 pairs. */
  cacheReflections: { route: string; header: string; count: number }[]
  limiterKeys: number
  /** Raw records dropped since start because the queue was full. */
  droppedRecords: number
  /** Exchanges counted but not kept as rows since start (sampled out). */
  sampledOut: number
  upstreams: UpstreamState[]
}

const RECORD_KEYS = [
  'startedMs',
  'durationUs',
  'traceId',
  'spanId',
  'parentId',
  'requestId',
  'traceFlags',
  'route',
  'host',
  'method',
  'scheme',
  'protocol',
  'path',
  'query',
  'status',
  'client',
  'userAgent',
  'referer',
  'inBytes',
  'outBytes',
  'firstByteUs',
  'error',
  'errorText',
  'answeredBy',
  'upstream',
  'cache',
  'keep',
  'weight',
  'aborted',
  'worker',
  'verdicts',
  'attempts',
  'requestHeaders',
  'replyHeaders',
  'tls',
  'connection',
  'grpcStatus',
] as const satisfies readonly (keyof ExchangeRecord)[]

/** A record without its keys: the form on the pipe. */
export type RecordTuple = unknown[]

export function toTuple(record: ExchangeRecord): RecordTuple {
  const tuple = new Array<unknown>(RECORD_KEYS.length)
  for (let i = 0; i < RECORD_KEYS.length; i++) tuple[i] = record[RECORD_KEYS[i]!]
  return tuple
}

export function fromTuple(tuple: RecordTuple): ExchangeRecord {
  const record: Record<string, unknown> = {}
  for (let i = 0; i < RECORD_KEYS.length; i++) record[RECORD_KEYS[i]!] = tuple[i]
  return record as unknown as ExchangeRecord
}

/** Text of a `records` frame → records. */
export function parseRecords(json: string): ExchangeRecord[] {
  return (JSON.parse(json) as RecordTuple[]).map(fromTuple)
}
