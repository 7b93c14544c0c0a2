// What only the detail page reads of an exchange, as compact JSON: lists instead of named fields.
import type { Attempt, ExchangeRecord, Verdict } from '../record.ts'

export type StoredDetail = Pick<
  ExchangeRecord,
  | 'parentId'
  | 'requestId'
  | 'traceFlags'
  | 'referer'
  | 'firstByteUs'
  | 'errorText'
  | 'keep'
  | 'worker'
  | 'verdicts'
  | 'attempts'
  | 'requestHeaders'
  | 'replyHeaders'
  | 'tls'
  | 'connection'
  | 'grpcStatus'
>

// biome-ignore format: one per line would be thirty lines
const DETAIL_KEYS = [
  'parentId', 'requestId', 'traceFlags', 'referer', 'firstByteUs', 'errorText', 'keep', 'worker', 'requestHeaders',
  'replyHeaders', 'tls', 'connection', 'grpcStatus',
] as const satisfies readonly (keyof StoredDetail)[]
// biome-ignore format: as above
const VERDICT_KEYS = [
  'stage', 'reason', 'a', 'b', 'text', 'atUs', 'tookUs',
] as const satisfies readonly (keyof Verdict)[]
// biome-ignore format: as above
const ATTEMPT_KEYS = [
  'upstream', 'picked', 'startUs', 'connectedUs', 'headUs', 'endUs', 'status', 'error', 'errorText', 'reused',
] as const satisfies readonly (keyof Attempt)[]

/** A third of the size of named fields; new fields may be added at an end, none taken out (schema version 1). */
export function encodeDetail(detail: StoredDetail): string {
  return JSON.stringify([
    values(detail, DETAIL_KEYS),
    detail.verdicts.map(verdict => values(verdict, VERDICT_KEYS)),
    detail.attempts.map(attempt => values(attempt, ATTEMPT_KEYS)),
  ])
}

export function decodeDetail(json: string): StoredDetail {
  const [fields, verdicts, attempts] = JSON.parse(json) as [unknown[], unknown[][], unknown[][]]
  const known = named(fields, DETAIL_KEYS) as unknown as StoredDetail
  return {
    ...known,
    // Rows from before this field was kept.
    grpcStatus: known.grpcStatus ?? -1,
    verdicts: verdicts.map(verdict => named(verdict, VERDICT_KEYS) as unknown as Verdict),
    attempts: attempts.map(attempt => named(attempt, ATTEMPT_KEYS) as unknown as Attempt),
  }
}

function values<T, K extends keyof T>(of: T, keys: readonly K[]): unknown[] {
  return keys.map(key => {
    const value = of[key]
    // Offsets have fractions of a microsecond that no clock here can mean.
    return typeof value === 'number' ? Math.round(value * 10) / 10 : value
  })
}

function named(list: readonly unknown[], keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key, i) => [key, list[i]]))
}
