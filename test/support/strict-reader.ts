// A literal reader of HTTP/1.1 for tests: written from RFC 9112 alone, sharing no line with what it judges.

export interface StrictMessage {
  /** The start line's three parts: method, target, version; or version, status, reason. */
  start: [string, string, string]
  fields: [name: string, value: string][]
  /** latin1. */
  body: string
}

export interface StrictReading {
  messages: StrictMessage[]
  /** What stands behind the last whole message: an unfinished one, or ''. */
  rest: string
  /** '' or why the rest can never become a message. */
  problem: string
}

interface Piece {
  message: StrictMessage
  next: number
}

const FIELD =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[ \t\x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/
const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\/[\x21-\x7e]*|\*) (HTTP\/1\.1)$/
const STATUS_LINE = /^(HTTP\/1\.1) ([1-5]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/

/** @param bytes latin1, all that came on one connection */
export function readRequests(bytes: string): StrictReading {
  return readAll(bytes, (text, at) => readMessage(text, at, REQUEST_LINE, () => true))
}

/**
 * @param ended the connection is over: a body without length ends there
 * @param bodiless the n-th final reply answers HEAD
 */
export function readReplies(
  bytes: string,
  ended = true,
  bodiless: (nth: number) => boolean = () => false,
): StrictReading {
  let final = 0
  return readAll(bytes, (text, at) => {
    const piece = readMessage(
      text,
      at,
      STATUS_LINE,
      status => {
        const code = Number(status)
        return code >= 200 && code !== 204 && code !== 304 && !bodiless(final)
      },
      ended,
    )
    if (typeof piece !== 'string' && piece !== undefined && Number(piece.message.start[1]) >= 200) final++
    return piece
  })
}

/** The one value of a field, '' when absent; throws when it stands there twice. */
export function fieldOf({ fields }: StrictMessage, name: string): string {
  const values = fields.filter(field => field[0].toLowerCase() === name).map(field => field[1])
  if (values.length > 1) throw new Error(`${name} stands there ${values.length} times`)
  return values[0] ?? ''
}

function readAll(
  bytes: string,
  read: (text: string, at: number) => Piece | string | undefined,
): StrictReading {
  const messages: StrictMessage[] = []
  let at = 0
  while (at < bytes.length) {
    const piece = read(bytes, at)
    if (piece === undefined) return { messages, rest: bytes.slice(at), problem: '' }
    if (typeof piece === 'string') return { messages, rest: bytes.slice(at), problem: piece }
    messages.push(piece.message)
    at = piece.next
  }
  return { messages, rest: '', problem: '' }
}

/** @returns undefined: unfinished; a string: not HTTP */
function readMessage(
  text: string,
  at: number,
  startLine: RegExp,
  mayHaveBody: (status: string) => boolean,
  ended = false,
): Piece | string | undefined {
  const end = text.indexOf('\r\n\r\n', at)
  if (end < 0) return undefined
  const [first, ...lines] = text.slice(at, end).split('\r\n')
  const start = startLine.exec(first!)
  if (start === null) return `start line ${JSON.stringify(first)}`
  const fields: [string, string][] = []
  for (const line of lines) {
    const field = FIELD.exec(line)
    if (field === null) return `field line ${JSON.stringify(line)}`
    fields.push([field[1]!, field[2]!])
  }
  const message: StrictMessage = { start: [start[1]!, start[2]!, start[3]!], fields, body: '' }
  const values = (name: string) =>
    fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value)
  const lengths = values('content-length')
  const codings = values('transfer-encoding')
  if (lengths.length + codings.length > 1) return 'more than one framing'
  if (!mayHaveBody(start[2]!)) return { message, next: end + 4 }
  if (codings.length === 1)
    return codings[0] === 'chunked' ? readChunks(text, end + 4, message) : `coding ${codings[0]}`
  if (lengths.length === 1) {
    if (!/^(?:0|[1-9]\d*)$/.test(lengths[0]!)) return `length ${lengths[0]}`
    const next = end + 4 + Number(lengths[0])
    if (text.length < next) return undefined
    message.body = text.slice(end + 4, next)
    return { message, next }
  }
  if (startLine === REQUEST_LINE) return { message, next: end + 4 }
  if (!ended) return undefined
  message.body = text.slice(end + 4)
  return { message, next: text.length }
}

/** Sizes without extensions, and no trailers but whole field lines. */
function readChunks(text: string, from: number, message: StrictMessage): Piece | string | undefined {
  for (let at = from; ; ) {
    const lineEnd = text.indexOf('\r\n', at)
    if (lineEnd < 0) return text.length - at > 16 ? 'chunk size without end' : undefined
    const line = text.slice(at, lineEnd)
    if (!/^[0-9a-f]{1,8}$/.test(line)) return `chunk size ${JSON.stringify(line)}`
    const size = Number.parseInt(line, 16)
    const data = lineEnd + 2
    if (size === 0) {
      const end = text.startsWith('\r\n', data) ? data - 2 : text.indexOf('\r\n\r\n', data)
      if (end < 0 || text.length < data + 2) return undefined
      const trailers = end < data ? [] : text.slice(data, end).split('\r\n')
      const bad = trailers.find(trailer => !FIELD.test(trailer))
      return bad === undefined ? { message, next: end + 4 } : `trailer ${JSON.stringify(bad)}`
    }
    if (text.length < data + size + 2) return undefined
    if (text.slice(data + size, data + size + 2) !== '\r\n') return 'chunk without its line end'
    message.body += text.slice(data, data + size)
    at = data + size + 2
  }
}
