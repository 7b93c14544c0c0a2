// A request's head as text → one reading of it, or why it is refused (RFC 9112 sections 2 to 6).
import type { ClientLimits } from '../../lib/client-limits.ts'
import { Block, Headers } from '../../lib/headers.ts'
import { isClean, readFields } from '../../lib/http1/fields.ts'
import type { RequestHead } from '../../pipeline/exchange.ts'
import type { Refusal } from '../gate.ts'
import { type HeadReading, readHead1 } from '../request-head.ts'

/** Whose connection it is. */
export type Origin = Pick<RequestHead, 'scheme' | 'connection' | 'tls'>

export interface RequestReading {
  readonly head: RequestHead
  /** The connection may carry another request after this one. */
  readonly keepAlive: boolean
  /** A body follows: chunked, or of `contentLength` bytes. */
  readonly hasBody: boolean
  readonly chunked: boolean
  readonly contentLength: number
}

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([\x21-\x7e]+) HTTP\/(\d)\.(\d)$/
const METHOD_MAX = 32
/** A standard method in the wrong case is a mistake, not another method. Each is one text for all requests. */
const STANDARD = new Map(
  ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT'].map(name => [name, name]),
)
const H2_PREFACE = 'PRI * HTTP/2.0'

const refuse = (status: number, reason: string): Refusal => ({ status, reason })

export function readRequest(text: string, limits: ClientLimits, origin: Origin): RequestReading | Refusal {
  if (!isClean(text)) return refuse(400, /(?:^|[^\r])\n/.test(text) ? 'bare_lf' : 'control_character')
  let lineEnd = text.indexOf('\r\n')
  if (lineEnd < 0) lineEnd = text.length
  const line = readLine(text.slice(0, lineEnd))
  if ('status' in line) return line
  const { method, version } = line
  // A proxy for others is what we are not: never dial (RFC 9110 section 9.3.6).
  if (method === 'CONNECT') return refuse(405, 'connect')
  const flat = readFields(text, lineEnd + 2)
  if (flat === undefined) return refuse(400, 'bad_field')
  const reading = readHead1(method, line.target, version, new Headers(new Block(flat)), limits)
  if ('status' in reading) return reading
  const { authority, target, headers, hasBody, chunked, contentLength } = reading
  const { keepAlive, expectsContinue, upgrade } = readConnection(reading, method, version)
  const { scheme, connection, tls } = origin
  return {
    keepAlive,
    hasBody,
    chunked,
    contentLength,
    head: {
      method,
      target,
      scheme,
      protocol: version,
      authority,
      headers,
      upgrade,
      expectsContinue,
      connection,
      tls,
      place: null,
    },
  }
}

function readLine(line: string): { method: string; target: string; version: string } | Refusal {
  const match = REQUEST_LINE.exec(line)
  if (match === null) return refuse(400, 'bad_request_line')
  const method = STANDARD.get(match[1]!) ?? match[1]!
  if (line === H2_PREFACE) return refuse(400, 'h2_preface')
  if (match[3] !== '1' || Number(match[4]) > 1) return refuse(505, 'bad_version')
  if (method.length > METHOD_MAX) return refuse(501, 'bad_method')
  if (!STANDARD.has(method) && STANDARD.has(method.toUpperCase())) return refuse(400, 'bad_method')
  return { method, target: match[2]!, version: match[4] === '1' ? '1.1' : '1.0' }
}

function readConnection({ headers, hasBody }: HeadReading, method: string, version: string) {
  const connection = headers.list('connection')?.toLowerCase() ?? ''
  const persistent = version === '1.1' ? !lists(connection, 'close') : lists(connection, 'keep-alive')
  const switches = version === '1.1' && method === 'GET' && !hasBody && lists(connection, 'upgrade')
  const websocket = switches && headers.get('upgrade')?.toLowerCase() === 'websocket'
  return {
    keepAlive: persistent,
    expectsContinue: version === '1.1' && headers.get('expect')?.toLowerCase() === '100-continue',
    upgrade: websocket ? 'websocket' : '',
  }
}

function lists(connection: string, token: string): boolean {
  if (connection === '' || connection === token) return connection === token
  return connection.split(',').some(element => element.trim() === token)
}
