// The answer to what is no request: a status that says so, nothing of the input echoed.
import { STATUS_CODES } from '../../lib/status-codes.ts'
import type { Refusal } from '../gate.ts'

/** Bytes of a request line beside its target. */
const LINE_BYTES = 64
const URL_TOO_LONG: Refusal = { status: 414, reason: 'url_too_long' }

/** First byte of a TLS handshake record. */
const TLS_HANDSHAKE = '\x16'
const LINE_START = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}(?: |$)/

/**
 * What an unfinished head already shows: waiting for the rest of it would only hold a place.
 * @param pending latin1 text so far
 */
export function suspect(pending: string, maxUrlBytes: number): Refusal | undefined {
  if (pending[0] === TLS_HANDSHAKE) return { status: 400, reason: 'tls_on_plain' }
  if (/(?:^|[^\r])\n/.test(pending)) return { status: 400, reason: 'bare_lf' }
  const lineEnd = pending.indexOf('\r\n')
  const line = lineEnd < 0 ? pending : pending.slice(0, lineEnd)
  if (line !== '' && line !== '\r' && !LINE_START.test(line))
    return { status: 400, reason: 'bad_request_line' }
  if (lineEnd >= 0 && !/ HTTP\/\d\.\d$/.test(line)) return { status: 400, reason: 'bad_request_line' }
  return lineEnd < 0 && line.length > maxUrlBytes + LINE_BYTES ? URL_TOO_LONG : undefined
}

/** Which part of a head that is too large is to blame. @param seen as much of it as may be kept, or more */
export function tooLarge(seen: string, maxUrlBytes: number): Refusal {
  const lineEnd = seen.indexOf('\r\n')
  const inFirstLine = lineEnd < 0 || lineEnd > maxUrlBytes + LINE_BYTES
  return inFirstLine ? URL_TOO_LONG : { status: 431, reason: 'head_too_large' }
}

/** What came with the head is no body already: nobody else needs to hear of it. @param reason the chunk decoder's word */
export function noBody(reason: string): Refusal {
  return { status: reason === 'chunk_extension_too_large' ? 413 : 400, reason }
}

/** Status line and page; the connection closes behind it. */
export function refusalText({ status, reason }: Refusal): string {
  const title = STATUS_CODES[status] ?? 'Refused'
  const body = `${status} ${title} (${reason})\n`
  return (
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: text/plain; charset=utf-8\r\n` +
    `content-length: ${body.length}\r\nconnection: close\r\ncache-control: no-store\r\n\r\n${body}`
  )
}
