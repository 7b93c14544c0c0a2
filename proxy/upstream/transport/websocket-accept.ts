// The proof that an upstream meant this very handshake (RFC 6455 section 1.3).
import { createHash, randomBytes } from 'node:crypto'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** Sixteen random bytes in base64: for clients that bring none, as over HTTP/2 (RFC 8441 section 5). */
export const makeKey = (): string => randomBytes(16).toString('base64')

export const acceptOf = (key: string): string =>
  createHash('sha1')
    .update(key + GUID)
    .digest('base64')
