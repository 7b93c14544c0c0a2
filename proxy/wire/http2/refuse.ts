// A stream that is no request: what its client hears where a rule of ours was broken, and what is recorded of it.
import type { TlsDetail } from '../../../telemetry/record.ts'
import { Headers } from '../../lib/headers.ts'
import { H2 } from '../../lib/http2-codes.ts'
import type { Connection } from '../../pipeline/connection.ts'
import type { RequestHead } from '../../pipeline/exchange.ts'
import type { Refusal, RefusedRequest } from '../gate.ts'
import type { StreamHost } from './live-stream.ts'

/** Malformed by HTTP/2's own rules. */
export function malformed(reason: string): Refusal {
  return { status: 400, reason }
}

/** Safe to send again, and the client may have sent it before it knew our limit (RFC 9113 section 5.1.2). */
export const TOO_MANY_STREAMS: Refusal = { status: 503, reason: 'too_many_streams' }

/** @returns why its stream is to be reset; 0: it gets its status as an answer */
export function resetCode({ reason }: Refusal): number {
  if (reason === TOO_MANY_STREAMS.reason) return H2.REFUSED_STREAM
  return reason.endsWith('_in_h2') ? H2.PROTOCOL_ERROR : 0
}

/** What a head that was read says of its request. */
export function fieldsOf({ method, target, authority }: RequestHead): string[] {
  return [':method', method, ':path', target, ':authority', authority]
}

/** @param fields as they came; none of them is believed */
export function refusedRequest(
  why: Refusal,
  fields: readonly string[],
  { connection, tls }: { connection: Connection; tls: TlsDetail | null },
): RefusedRequest {
  const said = (name: string): string => {
    for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1]!.slice(0, 1024)
    return ''
  }
  return {
    refusal: why,
    connection,
    scheme: tls === null ? 'http' : 'https',
    protocol: '2',
    method: said(':method'),
    authority: said(':authority'),
    target: said(':path'),
    tls,
    bytes: fields.slice(0, 40).join(' ').slice(0, 1024),
  }
}

/** Echoes nothing of what came. */
export function sendRefusal(id: number, { status, reason }: Refusal, { outbox, fields }: StreamHost): void {
  const headers = Headers.of({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  outbox.add(fields.head(id, status, headers, false))
  outbox.addLast(id, `${status} (${reason})\n`)
}
