// A reply's head as text: status line, fields, framing, and whether the connection lives on.
import { STATUS_CODES } from 'node:http'
import { type Block, type Headers, inOnePiece, type Served } from '../../lib/headers.ts'

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

/** Fields of the framing and of the connection are decided here and nowhere else. */
const isOurs = (name: string): boolean =>
  name === 'content-length' || name === 'connection' || name === 'transfer-encoding'

function served(block: Block): Served {
  const { flat } = block
  let text = ''
  let dated = false
  let length = ''
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if (name === 'content-length') length = flat[i + 1]!
    if (isOurs(name)) continue
    if (name === 'date') dated = true
    text += `${name}: ${flat[i + 1]}\r\n`
  }
  return { text: inOnePiece(text), dated, length }
}

/**
 * @param length bytes of the body; only with framing `length`
 * @param connection `keep-alive` is only said to HTTP/1.0
 */
export function writeHead(
  status: number,
  headers: Headers,
  framing: Framing,
  length: number,
  connection: '' | 'close' | 'keep-alive',
): string {
  let text = statusLine(status)
  let dated = false
  let announced = ''
  const { shared, own } = headers
  if (shared !== null) {
    const known = (shared.served ??= served(shared))
    text += known.text
    dated = known.dated
    announced = known.length
  }
  for (let i = 0; i < own.length; i += 2) {
    const name = own[i]!
    if (name === 'content-length') announced = own[i + 1]!
    if (isOurs(name)) continue
    if (name === 'date') dated = true
    text += `${name}: ${own[i + 1]}\r\n`
  }
  if (!dated) text += date()
  if (framing === 'length') text += `content-length: ${length}\r\n`
  else if (framing === 'chunked') text += 'transfer-encoding: chunked\r\n'
  // A bodiless reply keeps the length it would have had (RFC 9110 section 8.6); a 204 has none.
  else if (framing === 'none' && announced !== '' && status !== 204)
    text += `content-length: ${announced}\r\n`
  return connection === '' ? `${text}\r\n` : `${text}connection: ${connection}\r\n\r\n`
}

/** An interim response (RFC 9110 section 15.2). */
export function writeInterim(status: number, headers: Headers): string {
  return `${statusLine(status)}${headers.text}\r\n`
}
