// Node's own parser, llhttp, in its strictest mode, without a server around it.
import { createRequire } from 'node:module'
import { newMessage, type Reading } from './reading.ts'

interface Parser {
  initialize(kind: number, resource: object): void
  execute(bytes: Buffer): number | (Error & { code: string })
  /** It holds itself until then. */
  close(): void
  finish(): undefined | number | (Error & { code: string })
  [event: number]: unknown
}
interface ParserClass {
  new (): Parser
  readonly REQUEST: number
  readonly RESPONSE: number
  readonly kOnHeaders: number
  readonly kOnHeadersComplete: number
  readonly kOnBody: number
  readonly kOnMessageComplete: number
}

/** Node lends it under this name to whoever writes another HTTP library. */
const { HTTPParser, methods } = createRequire(import.meta.url)('_http_common') as {
  HTTPParser: ParserClass
  methods: string[]
}

export const readRequestsByLlhttp = (pieces: readonly Buffer[]): Reading =>
  read(HTTPParser.REQUEST, pieces, '', false)

/** @param method what the reply answers; the connection ends behind the bytes */
export const readReplyByLlhttp = (pieces: readonly Buffer[], method: string): Reading =>
  read(HTTPParser.RESPONSE, pieces, method, true)

function read(kind: number, pieces: readonly Buffer[], method: string, ends: boolean): Reading {
  const reading: Reading = { messages: [], refusal: '' }
  const parser = new HTTPParser()
  parser.initialize(kind, {})
  let fields: string[] = []
  let url = ''
  let inHead = true
  parser[HTTPParser.kOnHeaders] = (more: string[], part: string) => {
    if (inHead) fields.push(...more)
    if (inHead) url += part
  }
  parser[HTTPParser.kOnHeadersComplete] = (
    _major: number,
    _minor: number,
    rest: string[] | undefined,
    verb: number | undefined,
    target: string | undefined,
    status: number | undefined,
    _message: string | undefined,
    upgrade: boolean,
  ) => {
    const start = status ? String(status) : `${methods[verb!]} ${url || target}`
    reading.messages.push(newMessage(start, fields.concat(rest ?? [])))
    fields = []
    url = ''
    inHead = false
    if (upgrade) reading.refusal = 'upgrade'
    return method === 'HEAD' ? 1 : 0
  }
  parser[HTTPParser.kOnBody] = (bytes: Buffer) => {
    reading.messages.at(-1)!.body += bytes.toString('latin1')
  }
  parser[HTTPParser.kOnMessageComplete] = () => {
    reading.messages.at(-1)!.whole = true
    inHead = true
  }
  execute(parser, pieces, ends, reading)
  parser.close()
  return reading
}

function execute(parser: Parser, pieces: readonly Buffer[], ends: boolean, reading: Reading): void {
  for (const piece of pieces) {
    const outcome = parser.execute(piece)
    if (typeof outcome === 'object') reading.refusal = outcome.code
    if (reading.refusal !== '') return
  }
  const end = ends ? parser.finish() : undefined
  if (typeof end === 'object') reading.refusal = end.code
}
