// A reply's head as text: status line, fields, framing, and whether the connection lives on.
import { Block, type Headers, inOnePiece, type Served } from '../../lib/headers.ts'
import { STATUS_CODES } from '../../lib/status-codes.ts'

/** How the body's end will be known. */
export type Framing = 'none' | 'length' | 'chunked' | 'until-close'

const NO_FIELDS = new Block([])
const statusLines = new Map<number, string>()

function statusLine(status: number): string {
  let line = statusLines.get(status)
  if (line === undefined) {
    line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`
    statusLines.set(status, line)
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

function served(status: number, block: Block): Served {
  const { flat } = block
  let text = statusLine(status)
  let dated = false
  let announced = ''
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if (name === 'content-length') announced = flat[i + 1]!
    if (isOurs(name)) continue
    if (name === 'date') dated = true
    text += `${name}: ${flat[i + 1]}\r\n`
  }
  const length = announced === '' ? -1 : Number(announced)
  // Only what is written a second time is worth more work.
  if (block.served === null) return { status, text, withLength: '', length, dated, kept: false }
  const withLength = length < 0 ? '' : inOnePiece(`${text}content-length: ${announced}\r\n`)
  return { status, text: inOnePiece(text), withLength, length, dated, kept: true }
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
  const { own } = headers
  const block = headers.shared ?? NO_FIELDS
  let known = block.served
  if (known === null || !known.kept || known.status !== status) block.served = known = served(status, block)
  // A bodiless reply keeps the length it would have had (RFC 9110 section 8.6); a 204 has none.
  let bytes = framing === 'length' ? length : framing === 'none' && status !== 204 ? known.length : -1
  let { dated } = known
  let lines = ''
  for (let i = 0; i < own.length; i += 2) {
    const name = own[i]!
    if (name === 'content-length' && framing === 'none' && status !== 204) bytes = Number(own[i + 1])
    if (isOurs(name)) continue
    if (name === 'date') dated = true
    lines += `${name}: ${own[i + 1]}\r\n`
  }
  const ready = known.kept && bytes >= 0 && bytes === known.length
  let text = (ready ? known.withLength : known.text) + lines
  if (!dated) text += date()
  if (framing === 'chunked') text += 'transfer-encoding: chunked\r\n'
  else if (bytes >= 0 && !ready) text += `content-length: ${bytes}\r\n`
  return connection === '' ? `${text}\r\n` : `${text}connection: ${connection}\r\n\r\n`
}

/** An interim response (RFC 9110 section 15.2). */
export function writeInterim(status: number, headers: Headers): string {
  return `${statusLine(status)}${headers.text}\r\n`
}
