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

/** Names that a CGI-style backend reads as a framing field. */
const FRAMING_TWIN = /^(?:content[_.]length|transfer[_.]encoding)$/

/** What the pass over a head found besides its ordinary fields. */
interface Found {
  method: string
  target: string | undefined
  scheme: string
  authority: string | undefined
  protocol: string
  host: string | undefined
  length: string | undefined
  cookie: string
  expect: string
}

/** @param raw flat list in order, as node:http2 gives it with the 'stream' event */
export function readHead2(raw: readonly string[], limits: ClientLimits): HeadReading2 | Refusal {
  // Four pseudo-fields are no fields, as a request line is none.
  if (raw.length > (limits.maxFields + 4) * 2) return refuse(431, 'too_many_fields')
  const found: Found = {
    method: '',
    target: undefined,
    scheme: '',
    authority: undefined,
    protocol: '',
    host: undefined,
    length: undefined,
    cookie: '',
    expect: '',
  }
  const flat: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    const value = trimmed(raw[i + 1]!)
    const refusal = name.charCodeAt(0) === 0x3a ? pseudo(name, value, found) : field(name, value, found, flat)
    if (refusal !== undefined) return refusal
  }
  if (found.cookie !== '') flat.push('cookie', found.cookie)
  return settle(found, new Headers(flat), limits)
}

function pseudo(name: string, value: string, found: Found): undefined {
  switch (name) {
    case ':method':
      found.method = value
      break
    case ':path':
      found.target = value
      break
    case ':scheme':
      found.scheme = value
      break
    case ':authority':
      found.authority = value
      break
    case ':protocol':
      found.protocol = value
  }
}

function field(name: string, value: string, found: Found, flat: string[]): Refusal | undefined {
  switch (name) {
    // Fields of one connection have no place in HTTP/2 (RFC 9113 section 8.2.2).
    case 'connection':
    case 'keep-alive':
    case 'proxy-connection':
    case 'transfer-encoding':
    case 'upgrade':
      return refuse(400, 'connection_field_in_h2')
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
  const { target, scheme, host, length, protocol } = found
  // A proxy for others is what we are not: never dial (RFC 9110 section 9.3.6).
  const connects = found.method === 'CONNECT'
  if (connects && protocol === '') return refuse(405, 'connect')
  if (!connects && protocol !== '') return refuse(400, 'protocol_in_h2')
  // RFC 9220 section 3 names the status for a protocol that is not known.
  if (connects && protocol !== 'websocket') return refuse(501, 'unknown_protocol')
  if (target === undefined || (scheme !== 'http' && scheme !== 'https'))
    return refuse(400, 'bad_pseudo_field')
  if (target.length > limits.maxUrlBytes) return refuse(414, 'url_too_long')
  const authority = found.authority ?? host
  if (authority === undefined || readAuthority(authority) === undefined) return refuse(400, 'bad_host')
  if (host !== undefined && host !== authority && host.toLowerCase() !== authority.toLowerCase())
    return refuse(400, 'host_mismatch')
  if (target.charCodeAt(0) !== 0x2f && (target !== '*' || found.method !== 'OPTIONS'))
    return refuse(400, 'bad_target')
  return {
    method: connects ? 'GET' : found.method,
    headers,
    authority,
    target,
    contentLength: length === undefined ? -1 : Number(length),
    upgrade: connects ? 'websocket' : '',
    expectsContinue: found.expect !== '' && found.expect.toLowerCase() === '100-continue',
  }
}

/** Spaces around a value are no part of it, as in HTTP/1.1. */
function trimmed(value: string): string {
  const first = value.charCodeAt(0)
  const last = value.charCodeAt(value.length - 1)
  return first <= 0x20 || last <= 0x20 ? value.replace(/^[\t ]+|[\t ]+$/g, '') : value
}
