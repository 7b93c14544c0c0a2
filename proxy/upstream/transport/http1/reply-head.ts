// An upstream's reply head, with the same suspicion as a client's request (RFC 9112 sections 4 and 6.3).
import type { Block } from '../../../lib/headers.ts'
import { isClean, readFields } from '../../../lib/http1/fields.ts'
import { replyHeaders } from '../../forwarded.ts'

export interface ReplyHead {
  status: number
  /** What the client is told of it. */
  block: Block
  /** none: no body may follow; until-close: the connection's end is the body's. */
  framing: 'none' | 'length' | 'chunked' | 'until-close'
  length: number
  /** The upstream lets the connection live. */
  keepAlive: boolean
  /** Its Keep-Alive hint, milliseconds; −1: none. */
  keepAliveMs: number
}

const NOT_CLEAN = 'invalid reply: a control character or a bare line end'
const NO_STATUS_LINE = 'invalid reply: no HTTP/1 status line'
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/

/**
 * What an unfinished head already shows: no more of it will make it a reply.
 * @param pending latin1 text so far
 * @returns '' or a sentence
 */
export function suspectReply(pending: string): string {
  if (!'HTTP/1.'.startsWith(pending.slice(0, 7))) return NO_STATUS_LINE
  const lineEnd = pending.indexOf('\n')
  return lineEnd > 0 && pending[lineEnd - 1] !== '\r' ? NOT_CLEAN : ''
}

/** @returns the head, or a sentence that says why it is none */
export function readReplyHead(head: string, method: string): ReplyHead | string {
  if (!isClean(head)) return NOT_CLEAN
  let lineEnd = head.indexOf('\r\n')
  if (lineEnd < 0) lineEnd = head.length
  const line = STATUS_LINE.exec(head.slice(0, lineEnd))
  if (line === null) return NO_STATUS_LINE
  const flat = readFields(head, lineEnd + 2)
  if (flat === undefined) return 'invalid reply: a line that is no field'
  const status = Number(line[2])
  return readFraming(flat, status, method, line[1] === '1')
}

function readFraming(
  flat: string[],
  status: number,
  method: string,
  persistent: boolean,
): ReplyHead | string {
  let length: string | undefined
  let coding: string | undefined
  let keepAlive = persistent
  let keepAliveMs = -1
  for (let i = 0; i < flat.length; i += 2) {
    const value = flat[i + 1]!
    switch (flat[i]) {
      case 'content-length':
        if (length !== undefined) return 'invalid reply: two Content-Length'
        length = value
        break
      case 'transfer-encoding':
        if (coding !== undefined) return 'invalid reply: two Transfer-Encoding'
        coding = value.toLowerCase()
        break
      case 'connection':
        if (/(?:^|,)[\t ]*close[\t ]*(?:,|$)/i.test(value)) keepAlive = false
        else if (/(?:^|,)[\t ]*keep-alive[\t ]*(?:,|$)/i.test(value)) keepAlive = true
        break
      case 'keep-alive': {
        const hint = /(?:^|[\s,])timeout=(\d{1,6})/i.exec(value)
        if (hint !== null) keepAliveMs = Number(hint[1]) * 1000
      }
    }
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return 'invalid reply: malformed Content-Length'
  if (length !== undefined && coding !== undefined)
    return 'invalid reply: Content-Length and Transfer-Encoding'
  if (coding !== undefined && coding !== 'chunked') return 'invalid reply: unknown transfer coding'
  const head = { status, block: replyHeaders(flat).block(), keepAlive, keepAliveMs }
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304)
    return { ...head, framing: 'none', length: 0 }
  if (coding !== undefined) return { ...head, framing: 'chunked', length: -1 }
  if (length !== undefined) return { ...head, framing: 'length', length: Number(length) }
  return { ...head, framing: 'until-close', length: -1, keepAlive: false }
}
