// A reply's fields as node:http2 takes them: one flat list where it can, by name for interim heads and trailers.
import type { OutgoingHttpHeaders } from 'node:http2'
import { fact } from '../../lib/fact.ts'
import type { Headers } from '../../lib/headers.ts'
import { nodeHttp2 } from '../../lib/node-http2.ts'

/**
 * Each reply has its own value of these. In the table that both ends keep of fields seen (RFC 7541 section 2.3.2) it
 * would drive out others for nothing, and to drive out costs more than the 30 bytes that are sent so.
 */
const NEVER_TWICE = ['x-request-id', 'ratelimit']

/** The list of a status and a block of fields. */
interface Listed {
  readonly status: number
  readonly fields: readonly string[]
}

const listed = fact<Listed>()

/** @returns name, value … the status first */
export function flatFields(status: number, { shared, own }: Headers): string[] {
  let known = shared?.fact(listed)
  if (known === undefined || known.status !== status) {
    const fields = [':status', String(status)]
    if (shared !== null) pushAll(fields, shared.flat)
    known = { status, fields }
    shared?.keepFact(listed, known)
  }
  const fields = known.fields.slice()
  pushAll(fields, own)
  // Its types know no list with this property, which it takes all the same.
  ;(fields as unknown as Record<symbol, readonly string[]>)[nodeHttp2().sensitiveHeaders] = NEVER_TWICE
  return fields
}

function pushAll(fields: string[], flat: readonly string[]): void {
  for (let i = 0; i < flat.length; i += 2) {
    // A reply of our own may ask an HTTP/1.1 client to close: HTTP/2 knows no such field (RFC 9113 section 8.2.2).
    if (flat[i] !== 'connection') fields.push(flat[i]!, flat[i + 1]!)
  }
}

/** @param fields pseudo-fields to begin with */
export function fieldsByName({ flat }: Headers, fields: OutgoingHttpHeaders = {}): OutgoingHttpHeaders {
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const before = fields[name]
    if (before === undefined) fields[name] = flat[i + 1]!
    else if (Array.isArray(before)) before.push(flat[i + 1]!)
    else fields[name] = [String(before), flat[i + 1]!]
  }
  return fields
}
