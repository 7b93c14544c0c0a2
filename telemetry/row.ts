// A record as one line of the request list, and the id that opens it: the same from memory and from disk.
import type { ExchangeRow } from '../control/admin/contract.ts'
import { grpcStatus } from './grpc-status.ts'
import type { ExchangeRecord } from './record.ts'
import { rejectReason } from './reject.ts'

/** `<start, Unix ms>-<span id>`: sorts by time, unique, and known before the row is stored. */
export function exchangeId(startedMs: number, spanId: string): string {
  return `${Math.floor(startedMs)}-${spanId}`
}

/** @returns undefined when the text is not an id */
export function parseExchangeId(id: string): { startedMs: number; spanId: string } | undefined {
  const match = /^(\d{1,15})-([0-9a-f]{16})$/.exec(id)
  return match ? { startedMs: Number(match[1]), spanId: match[2]! } : undefined
}

export function toRow(record: ExchangeRecord): ExchangeRow {
  return {
    id: exchangeId(record.startedMs, record.spanId),
    at: record.startedMs,
    durationUs: record.durationUs,
    traceId: record.traceId,
    spanId: record.spanId,
    route: record.route,
    host: record.host,
    method: record.method,
    scheme: record.scheme,
    protocol: record.protocol,
    path: record.path,
    query: record.query,
    status: record.status,
    client: record.client,
    userAgent: record.userAgent,
    inBytes: record.inBytes,
    outBytes: record.outBytes,
    error: record.error,
    upstream: record.upstream,
    cache: record.cache,
    answeredBy: record.answeredBy,
    attempts: record.attempts.length,
    aborted: record.aborted,
    weight: record.weight,
    grpcStatus: grpcStatus(record.grpcStatus),
    reject: rejectReason(record, record.verdicts),
  }
}
