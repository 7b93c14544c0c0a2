// An HTTP/2 request's head: pseudo-fields and fields to one reading (RFC 9113 section 8.3).
import { readAuthority } from '../lib/authority.ts'
import type { ClientLimits } from '../lib/client-limits.ts'
import { Headers } from '../lib/headers.ts'
import type { Refusal } from './gate.ts'

export interface HeadReading2 {
  /** GET for a WebSocket: an extended CONNECT means what an HTTP/1.1 upgrade means (RFC 8441 section 5). */
  method: string
  headers: Headers
  authority: string
  /** Origin form, or `*`. */
  target: string
  /** −1: none announced. */
  contentLength: number
  /** `websocket` or ''. */
  upgrade: string
  expectsContinue: boolean
}

const refuse = (status: number, reason: string): Refusal => ({ status, reason })

/** HTTP/2 writes names in lower case (RFC 9113 section 8.2.1). */
const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
/** Controls but TAB: CR, LF and NUL are forbidden by HTTP/2 itself, the others by RFC 9110 section 5.5. */
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const METHOD_MAX = 32
const STANDARD = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT'])

/** Names that a CGI-style backend reads as a framing field. */
const FRAMING_TWIN = /^(?:content[_.]length|transfer[_.]encoding)$/

/** What the pass over a head found besides its ordinary fields. */
interface Found {
  method: string | undefined
  target: string | undefined
  scheme: string | undefined
  authority: string | undefined
  protocol: string | undefined
  host: string | undefined
  length: string | undefined
  cookie: string
  expect: string
}

/** @param raw name, value, name, value … as they were sent, latin1 */
export function readHead2(raw: readonly string[], limits: ClientLimits): HeadReading2 | Refusal {
  // Four pseudo-fields are no fields, as a request line is none.
  if (raw.length > (limits.maxFields + 4) * 2) return refuse(431, 'too_many_fields')
  const found: Found = {
    method: undefined,
    target: undefined,
    scheme: undefined,
    authority: undefined,
    protocol: undefined,
    host: undefined,
    length: undefined,
    cookie: '',
    expect: '',
  }
  const flat: string[] = []
  let fields = false
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    const value = raw[i + 1]!
    if (CONTROL.test(value)) return refuse(400, 'control_character_in_h2')
    let problem: Refusal | undefined
    if (name.charCodeAt(0) === 0x3a) {
      problem = fields ? refuse(400, 'late_pseudo_field_in_h2') : pseudo(name, value, found)
    } else {
      fields = true
      problem = NAME.test(name) ? field(name, trimmed(value), found, flat) : refuse(400, 'bad_name_in_h2')
    }
    if (problem !== undefined) return problem
  }
  if (found.cookie !== '') flat.push('cookie', found.cookie)
  return settle(found, new Headers(flat), limits)
}

/** Fields behind a body: no pseudo-fields, nothing that HTTP/2 forbids (RFC 9113 section 8.1). */
export function areTrailers2(raw: readonly string[]): boolean {
  for (let i = 0; i < raw.length; i += 2)
    if (!NAME.test(raw[i]!) || CONTROL.test(raw[i + 1]!) || OF_CONNECTION.has(raw[i]!)) return false
  return true
}

function pseudo(name: string, value: string, found: Found): Refusal | undefined {
  const key = PSEUDO.get(name)
  if (key === undefined) return refuse(400, 'unknown_pseudo_field_in_h2')
  if (found[key] !== undefined) return refuse(400, 'two_pseudo_fields_in_h2')
  found[key] = value
}

/** Fields of one connection have no place in HTTP/2 (RFC 9113 section 8.2.2). */
const OF_CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])
const PSEUDO = new Map<string, 'method' | 'target' | 'scheme' | 'authority' | 'protocol'>([
  [':method', 'method'],
  [':path', 'target'],
  [':scheme', 'scheme'],
  [':authority', 'authority'],
  [':protocol', 'protocol'],
])

function field(name: string, value: string, found: Found, flat: string[]): Refusal | undefined {
  if (OF_CONNECTION.has(name)) return refuse(400, 'connection_field_in_h2')
  switch (name) {
    case 'te':
      if (value !== 'trailers') return refuse(400, 'te_in_h2')
      break
    case 'host':
      if (found.host !== undefined) return refuse(400, 'two_hosts')
      found.host = value
      return
    // Crumbs are one field again (RFC 9113 section 8.2.3).
    case 'cookie':
      found.cookie = found.cookie === '' ? value : `${found.cookie}; ${value}`
      return
    case 'content-length':
      if (found.length !== undefined) return refuse(400, 'multi_cl_in_h2')
      if (!/^\d{1,15}$/.test(value)) return refuse(400, 'bad_cl_in_h2')
      found.length = value
      break
    case 'expect':
      found.expect = value
      break
    default:
      if (FRAMING_TWIN.test(name)) return refuse(400, 'framing_twin')
  }
  flat.push(name, value)
}

function settle(found: Found, headers: Headers, limits: ClientLimits): HeadReading2 | Refusal {
  const malformed = problemOf(found)
  if (malformed !== '') return refuse(400, malformed)
  const { host, length, protocol } = found
  const method = found.method!
  // A proxy for others is what we are not: never dial (RFC 9110 section 9.3.6).
  const connects = method === 'CONNECT'
  if (connects && protocol === undefined) return refuse(405, 'connect')
  // RFC 9220 section 3 names the status for a protocol that is not known.
  if (connects && protocol !== 'websocket') return refuse(501, 'unknown_protocol')
  const target = found.target!
  if (found.scheme !== 'http' && found.scheme !== 'https') return refuse(400, 'bad_pseudo_field')
  if (method.length > METHOD_MAX) return refuse(501, 'bad_method')
  // A standard method in the wrong case is a mistake, not another method.
  if (!STANDARD.has(method) && STANDARD.has(method.toUpperCase())) return refuse(400, 'bad_method')
  if (target.length > limits.maxUrlBytes) return refuse(414, 'url_too_long')
  const authority = found.authority ?? host
  if (authority === undefined || readAuthority(authority) === undefined) return refuse(400, 'bad_host')
  if (host !== undefined && host !== authority && host.toLowerCase() !== authority.toLowerCase())
    return refuse(400, 'host_mismatch')
  return {
    method: connects ? 'GET' : method,
    headers,
    authority,
    target,
    contentLength: length === undefined ? -1 : Number(length),
    upgrade: connects ? 'websocket' : '',
    expectsContinue: found.expect !== '' && found.expect.toLowerCase() === '100-continue',
  }
}

/** @returns '' or what makes the pseudo-fields malformed (RFC 9113 section 8.3.1, RFC 8441 section 4) */
function problemOf({ method, target, scheme, authority, protocol }: Found): string {
  if (method === undefined || !METHOD.test(method)) return 'bad_method_in_h2'
  const connects = method === 'CONNECT'
  if (connects && protocol === undefined) {
    const bare = target === undefined && scheme === undefined && authority !== undefined
    return bare ? '' : 'bad_connect_in_h2'
  }
  if (!connects && protocol !== undefined) return 'protocol_in_h2'
  if (target === undefined || scheme === undefined || scheme === '') return 'missing_pseudo_field_in_h2'
  if (connects && authority === undefined) return 'missing_pseudo_field_in_h2'
  const origin = target.charCodeAt(0) === 0x2f
  return origin || (target === '*' && method === 'OPTIONS') ? '' : 'bad_path_in_h2'
}

/** Spaces around a value are no part of it, as in HTTP/1.1. */
function trimmed(value: string): string {
  const first = value.charCodeAt(0)
  const last = value.charCodeAt(value.length - 1)
  return first <= 0x20 || last <= 0x20 ? value.replace(/^[\t ]+|[\t ]+$/g, '') : value
}
