// The answer to what is no request: a status that says so, then the connection's end.

import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Refusal } from '../gate.ts'

/** What the parser says → what we say. */
const PARSER: Record<string, Refusal> = {
  HPE_HEADER_OVERFLOW: { status: 431, reason: 'head_too_large' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, reason: 'chunk_extension_too_large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, reason: 'head_timeout' },
  HPE_INVALID_VERSION: { status: 505, reason: 'bad_version' },
  HPE_UNEXPECTED_CONTENT_LENGTH: { status: 400, reason: 'multi_cl' },
  HPE_INVALID_CONTENT_LENGTH: { status: 400, reason: 'bad_cl' },
  HPE_INVALID_TRANSFER_ENCODING: { status: 400, reason: 'bad_te' },
  HPE_INVALID_CHUNK_SIZE: { status: 400, reason: 'bad_chunk' },
  HPE_INVALID_HEADER_TOKEN: { status: 400, reason: 'bad_field' },
  HPE_INVALID_METHOD: { status: 400, reason: 'bad_method' },
  HPE_INVALID_URL: { status: 400, reason: 'bad_target' },
}

/** First byte of a TLS handshake record. */
const TLS_HANDSHAKE = 0x16

/** @returns undefined when nobody is there to be told */
export function refusalOf(error: NodeJS.ErrnoException & { rawPacket?: Buffer }): Refusal | undefined {
  const code = error.code ?? ''
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'HPE_INVALID_EOF_STATE') return undefined
  // llhttp has no code of its own for a line that ends in a bare LF.
  if (/CR|LF/.test(error.message)) return { status: 400, reason: 'bare_lf' }
  if (error.rawPacket?.[0] === TLS_HANDSHAKE) return { status: 400, reason: 'tls_on_plain' }
  return (
    PARSER[code] ?? {
      status: 400,
      reason: code.startsWith('HPE_') ? code.slice(4).toLowerCase() : 'malformed',
    }
  )
}

/** How long a refused client may take to notice. */
const LINGER_MS = 1000

/** Status line and close, nothing of the input echoed. */
export function refuseSocket(socket: Duplex, { status, reason }: Refusal): void {
  if (socket.destroyed) return
  const title = STATUS_CODES[status] ?? 'Refused'
  const body = `${status} ${title} (${reason})\n`
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${body.length}\r\nconnection: close\r\ncache-control: no-store\r\n\r\n${body}`,
  )
  socket.on('error', () => {})
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}
