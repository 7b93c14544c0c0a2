// A reply's head as text: status line, fields, framing, and whether the connection lives on.
import { STATUS_CODES } from 'node:http'
import type { Headers } from '../../lib/headers.ts'

/** How the body's end will be known. */
export type Framing = 'none' | 'length' | 'chunked' | 'until-close'

const lines = new Map<number, string>()

function statusLine(status: number): string {
  let line = lines.get(status)
  if (line === undefined) {
    line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
    lines.set(status, line)
  }
  return line
}

let dateLine = ''
let dateUntilMs = 0

/** The Date field, the same for a second (RFC 9110 section 6.6.1). */
function date(): string {
  const now = Date.now()
  if (now >= dateUntilMs) {
    dateLine = `date: ${new Date(now).toUTCString()}\r\n`
    dateUntilMs = now - (now % 1000) + 1000
  }
  return dateLine
}

export interface HeadPlan {
  status: number
  headers: Headers
  framing: Framing
  /** Bytes of the body; only with framing `length`. */
  length: number
  /** `keep-alive` is only said to HTTP/1.0. */
  connection: '' | 'close' | 'keep-alive'
}

export function writeHead({ status, headers, framing, length, connection }: HeadPlan): string {
  let text = statusLine(status)
  let dated = false
  const { flat } = headers
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    // Framing is decided here and nowhere else; a bodiless reply keeps the length it would have had.
    if (name === 'content-length' && (framing !== 'none' || status === 204)) continue
    if (name === 'connection' || name === 'transfer-encoding') continue
    if (name === 'date') dated = true
    text += `${name}: ${flat[i + 1]}\r\n`
  }
  if (!dated) text += date()
  if (framing === 'length') text += `content-length: ${length}\r\n`
  else if (framing === 'chunked') text += 'transfer-encoding: chunked\r\n'
  return connection === '' ? `${text}\r\n` : `${text}connection: ${connection}\r\n\r\n`
}

/** An interim response (RFC 9110 section 15.2). */
export function writeInterim(status: number, headers: Headers): string {
  let text = statusLine(status)
  const { flat } = headers
  for (let i = 0; i < flat.length; i += 2) text += `${flat[i]}: ${flat[i + 1]}\r\n`
  return `${text}\r\n`
}
