// Exchange → record: the plain values telemetry keeps, secrets taken out. Texts are copies: a record waits for its
// batch, and a piece of what a peer sent would keep all that was read with it, body included, waiting too.
import type { ExchangeRecord, Verdict } from '../../telemetry/record.ts'
import type { Headers } from '../lib/headers.ts'
import { ownText } from '../lib/own-text.ts'
import { redactHeaders, redactQuery } from '../lib/redact.ts'
import type { Exchange, Note } from '../pipeline/exchange.ts'
import type { Kept } from './sampler.ts'

/** @param withHeaders false when header capture is over its budget */
export function toRecord(
  x: Exchange,
  route: string,
  durationUs: number,
  kept: Kept,
  worker: number,
  withHeaders: boolean,
): ExchangeRecord {
  const last = x.attempts[x.attempts.length - 1]
  return {
    startedMs: x.startedMs,
    durationUs,
    traceId: ownText(x.traceId),
    spanId: x.spanId,
    parentId: ownText(x.parentId),
    requestId: ownText(x.requestId),
    traceFlags: x.traceFlags,
    route,
    host: x.host,
    method: ownText(x.method),
    scheme: x.scheme,
    protocol: x.protocol,
    path: ownText(x.path === '' ? x.target.split('?', 1)[0]!.slice(0, 1024) : x.path),
    query: ownText(redactQuery(x.query)),
    status: x.status,
    client: x.client,
    userAgent: ownText((x.headers.get('user-agent') ?? '').slice(0, 512)),
    referer: ownText(withoutQuery(x.headers.get('referer') ?? '')),
    inBytes: x.inBytes,
    outBytes: x.outBytes,
    firstByteUs: x.repliedMs === 0 ? -1 : Math.round((x.repliedMs - x.startMs) * 1000),
    error: x.error,
    errorText: x.errorText,
    answeredBy: x.answeredBy,
    upstream: last?.upstream ?? '',
    cache: x.cache,
    keep: kept.reason,
    weight: kept.weight,
    aborted: x.aborted,
    worker,
    connection: x.connection.number,
    verdicts: verdictsOf(x.notes, last?.headUs ?? -1, durationUs),
    attempts: [...x.attempts],
    requestHeaders: withHeaders ? ownHeaders(x.headers) : null,
    replyHeaders: withHeaders && x.replyHeaders !== null ? ownHeaders(x.replyHeaders) : null,
    tls: x.tls,
    grpcStatus: x.grpcStatus,
  }
}

/**
 * A note stands at the end of its stage's work, which began at the note before; on the way up it began
 * no earlier than the reply's head came.
 */
function verdictsOf(notes: readonly Note[], headUs: number, durationUs: number): Verdict[] {
  let before = 0
  return notes.map(({ stage, reason, a, b, text, atUs }) => {
    const endUs = Math.min(atUs, durationUs)
    if (headUs > before && headUs <= endUs) before = headUs
    const verdict = { stage, reason, a, b, text, atUs: before, tookUs: Math.max(0, endUs - before) }
    before = endUs
    return verdict
  })
}

const ownHeaders = ({ flat }: Headers): string[] => redactHeaders(flat).map(ownText)

function withoutQuery(url: string): string {
  return url.split('?', 1)[0]!.slice(0, 512)
}
