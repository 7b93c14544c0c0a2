// An HTTP/2 request's head: pseudo-fields and fields to one reading (RFC 9113 section 8.3).

import type { IncomingHttpHeaders } from 'node:http2'
import { readAuthority } from '../lib/authority.ts'
import type { ClientLimits } from '../lib/client-limits.ts'
import { Headers } from '../lib/headers.ts'
import type { Refusal } from './gate.ts'
import type { HeadReading } from './request-head.ts'

const refuse = (status: number, reason: string): Refusal => ({ status, reason })

/** Fields of one connection have no place in HTTP/2 (RFC 9113 section 8.2.2). */
const CONNECTION_SPECIFIC = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/**
 * @param raw flat list in order, as node:http2 gives it with the 'stream' event
 * @param fields the same, joined
 */
export function readHead2(
  raw: readonly string[],
  fields: IncomingHttpHeaders,
  limits: ClientLimits,
): HeadReading | Refusal {
  const target = fields[':path']
  const scheme = fields[':scheme']
  if (target === undefined || (scheme !== 'http' && scheme !== 'https'))
    return refuse(400, 'bad_pseudo_field')
  if (target.length > limits.maxUrlBytes) return refuse(414, 'url_too_long')
  if (raw.length > limits.maxFields * 2) return refuse(431, 'too_many_fields')
  const flat: string[] = []
  const cookies: string[] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!
    const value = raw[i + 1]!
    if (name[0] === ':') continue
    if (CONNECTION_SPECIFIC.has(name)) return refuse(400, 'connection_field_in_h2')
    if (name === 'te' && value !== 'trailers') return refuse(400, 'te_in_h2')
    // Crumbs are one field again (RFC 9113 section 8.2.3).
    if (name === 'cookie') cookies.push(value)
    else if (name !== 'host') flat.push(name, value)
  }
  if (cookies.length > 0) flat.push('cookie', cookies.join('; '))
  return readPlace(new Headers(flat), target, fields)
}

function readPlace(headers: Headers, target: string, fields: IncomingHttpHeaders): HeadReading | Refusal {
  const authority = fields[':authority'] ?? fields.host
  if (authority === undefined || readAuthority(authority) === undefined) return refuse(400, 'bad_host')
  if (fields.host !== undefined && fields.host.toLowerCase() !== authority.toLowerCase())
    return refuse(400, 'host_mismatch')
  if (target[0] !== '/' && target !== '*') return refuse(400, 'bad_target')
  const length = headers.list('content-length')
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return refuse(400, 'bad_cl')
  return { headers, authority, target, contentLength: Number(length ?? 0), chunked: false, hasBody: true }
}
