// Is this head one request, and only one reading of it? What the parsers below let pass, refused here.

import { readAuthority } from '../lib/authority.ts'
import type { ClientLimits } from '../lib/client-limits.ts'
import type { Headers } from '../lib/headers.ts'
import type { Refusal } from './gate.ts'

export interface HeadReading {
  headers: Headers
  authority: string
  /** Origin form. */
  target: string
  /** A body follows: chunked, or a length above zero. */
  hasBody: boolean
  chunked: boolean
  contentLength: number
}

const refuse = (status: number, reason: string): Refusal => ({ status, reason })

/** It is forwarded as it came, and a zero in front would make it octal for some. */
const LENGTH = /^(?:0|[1-9]\d{0,14})$/

/** Names that a CGI-style backend reads as a framing field. */
const FRAMING_TWIN = /^(?:content[_.]length|transfer[_.]encoding)$/

/** The framing and routing fields of a head, each at most once. */
interface Framing {
  host: string | undefined
  length: string | undefined
  coding: string | undefined
}

/** @param version `1.0` or `1.1` */
export function readHead1(
  method: string,
  target: string,
  version: string,
  headers: Headers,
  limits: ClientLimits,
): HeadReading | Refusal {
  if (target.length > limits.maxUrlBytes) return refuse(414, 'url_too_long')
  if (headers.flat.length > limits.maxFields * 2) return refuse(431, 'too_many_fields')
  const framing = readFraming(headers, version)
  if ('status' in framing) return framing
  const place = readPlace(method, target, framing.host, version)
  if ('status' in place) return place
  const contentLength = framing.length === undefined ? 0 : Number(framing.length)
  const chunked = framing.coding !== undefined
  return {
    headers,
    authority: place.authority,
    target: place.target,
    contentLength,
    chunked,
    hasBody: chunked || contentLength > 0,
  }
}

function readFraming(headers: Headers, version: string): Framing | Refusal {
  const { flat } = headers
  const framing: Framing = { host: undefined, length: undefined, coding: undefined }
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const value = flat[i + 1]!
    if (name === 'host') {
      if (framing.host !== undefined) return refuse(400, 'two_hosts')
      framing.host = value
    } else if (name === 'content-length') {
      if (framing.length !== undefined) return refuse(400, 'multi_cl')
      if (!LENGTH.test(value)) return isLength(value) ? refuse(413, 'cl_too_large') : refuse(400, 'bad_cl')
      framing.length = value
    } else if (name === 'transfer-encoding') {
      if (framing.coding !== undefined) return refuse(400, 'multi_te')
      framing.coding = value.toLowerCase()
    } else if (FRAMING_TWIN.test(name)) return refuse(400, 'framing_twin')
  }
  if (framing.coding === undefined) return framing
  if (framing.length !== undefined) return refuse(400, 'cl_te')
  if (version === '1.0') return refuse(400, 'te_in_http10')
  return framing.coding === 'chunked' ? framing : refuseCoding(framing.coding)
}

/** A length that some recipient can count, though nobody would take it: below 2^63. */
function isLength(value: string): boolean {
  return /^[1-9]\d{0,18}$/.test(value) && BigInt(value) < 2n ** 63n
}

/** Chunked that is not last, or not alone in its place, leaves the end unknown (RFC 9112 section 6.3); others we lack. */
function refuseCoding(coding: string): Refusal {
  const list = coding.split(',').map(element => element.trim())
  const broken = list.includes('') || list.indexOf('chunked') !== list.lastIndexOf('chunked')
  return broken || list.slice(0, -1).includes('chunked') ? refuse(400, 'bad_te') : refuse(501, 'unknown_te')
}

/** Where the request is for: one authority, one origin-form target (RFC 9112 section 3.2). */
function readPlace(
  method: string,
  target: string,
  host: string | undefined,
  version: string,
): { authority: string; target: string } | Refusal {
  if (host === undefined && version !== '1.0') return refuse(400, 'no_host')
  if (host === '' || (host !== undefined && readAuthority(host) === undefined)) return refuse(400, 'bad_host')
  if (method === 'OPTIONS' && target === '*') return { authority: host ?? '', target }
  if (target[0] === '/') return { authority: host ?? '', target }
  const absolute = /^https?:\/\/([^/?#]+)(.*)$/i.exec(target)
  if (absolute === null) return refuse(400, 'bad_target')
  const named = readAuthority(absolute[1]!)
  if (named === undefined) return refuse(400, 'bad_target')
  if (host !== undefined && host.toLowerCase() !== absolute[1]!.toLowerCase())
    return refuse(400, 'host_mismatch')
  const rest = absolute[2]!
  return { authority: absolute[1]!, target: rest[0] === '/' ? rest : `/${rest}` }
}
