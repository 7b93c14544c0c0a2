// The access log: a kept record as one line object, in OpenTelemetry names, for a pino stream on stdout.
import { grpcStatus } from '../grpc-status.ts'
import { decide } from '../reasons.ts'
import type { ExchangeRecord } from '../record.ts'

export type AccessLogLine = Record<string, string | number | boolean | string[]>

/**
 *     const log = pino(…)                                     // JSON to stdout
 *     for (const record of parseRecords(json)) log.info(accessLogLine(record))
 *
 * JSON escapes C0 control bytes by itself; C1 and the line separators are escaped here, because terminals and
 * line readers act on them.
 */
export function accessLogLine(record: ExchangeRecord): AccessLogLine {
  const line: AccessLogLine = {
    time: new Date(record.startedMs).toISOString(),
    trace_id: record.traceId,
    span_id: record.spanId,
    'http.request.method': clean(record.method),
    'http.route': clean(record.route),
    'url.scheme': record.scheme,
    'server.address': clean(record.host),
    'url.path': clean(record.path),
    'http.response.status_code': record.status,
    'client.address': record.client,
    'network.protocol.version': record.protocol,
    'http.request.body.size': record.inBytes,
    'http.response.body.size': record.outBytes,
    duration_ms: Math.round(record.durationUs) / 1000,
    'oriel.answered_by': record.answeredBy,
    'oriel.cache.status': record.cache,
    'oriel.attempts': record.attempts.length,
    'oriel.decisions': record.verdicts.map(verdict => clean(`${verdict.stage}: ${decide(verdict).sentence}`)),
  }
  if (record.query !== '') line['url.query'] = clean(record.query)
  if (record.userAgent !== '') line['user_agent.original'] = clean(record.userAgent)
  if (record.referer !== '') line['http.request.header.referer'] = clean(record.referer)
  if (record.upstream !== '') line['oriel.upstream.name'] = record.upstream
  if (record.error !== '') line['error.type'] = record.error
  if (record.errorText !== '') line['error.message'] = clean(record.errorText)
  const grpc = grpcStatus(record.grpcStatus)
  if (grpc !== null) line['rpc.response.status_code'] = grpc.name
  if (record.weight > 1) line['oriel.weight'] = record.weight
  return line
}

const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g

function clean(text: string): string {
  return text.replace(UNSAFE, sign => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
