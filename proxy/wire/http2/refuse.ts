// The answer to a stream that is no request: a reset where HTTP/2 was broken, a status where a rule of ours was.
import type { ServerHttp2Stream } from 'node:http2'
import { H2 } from '../../lib/http2-codes.ts'
import type { Refusal } from '../gate.ts'

/** @returns true when it was malformed (RFC 9113 section 8.1.1): worth counting against the connection */
export function refuse(stream: ServerHttp2Stream, { status, reason }: Refusal): boolean {
  if (reason.endsWith('_in_h2')) {
    stream.close(H2.PROTOCOL_ERROR)
    return true
  }
  stream.respond({
    ':status': status,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  })
  stream.end(`${status} (${reason})\n`)
  return false
}
