// A reply's head over HTTP/2, with the same suspicion as one over HTTP/1.1 (RFC 9113 sections 8.1.1, 8.2.2, 8.3.2).
import type { Headers } from '../../../lib/headers.ts'
import { replyHeaders } from '../../forwarded.ts'

export interface Http2ReplyHead {
  status: number
  headers: Headers
  /** Content-Length; −1: none. */
  length: number
}

/** Fields of one connection, which HTTP/2 does not have. */
const CONNECTION_SPECIFIC = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/**
 * @param raw name, value … in order, pseudo-fields included
 * @returns the head, or a sentence that says why it is none
 */
export function readHttp2ReplyHead(raw: readonly string[]): Http2ReplyHead | string {
  let status = 0
  let length: string | undefined
  const flat: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    const value = raw[i + 1]!
    if (name === ':status') {
      if (!/^[1-5]\d\d$/.test(value)) return 'invalid reply: a status out of 100 to 599'
      status = Number(value)
      continue
    }
    if (CONNECTION_SPECIFIC.has(name)) return `invalid reply: a connection field, ${name}`
    if (name === 'content-length') {
      if (length !== undefined) return 'invalid reply: two Content-Length'
      if (!/^\d{1,15}$/.test(value)) return 'invalid reply: malformed Content-Length'
      length = value
    }
    flat.push(name, value)
  }
  if (status === 0) return 'invalid reply: no status'
  if (status === 101) return 'invalid reply: an unasked switch of protocols'
  return { status, headers: replyHeaders(flat), length: length === undefined ? -1 : Number(length) }
}
