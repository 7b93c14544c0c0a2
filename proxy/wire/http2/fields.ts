// A reply's fields as node:http2 takes them: one flat list where it can, by name for interim heads and trailers.
import type { OutgoingHttpHeaders } from 'node:http2'
import type { Headers } from '../../lib/headers.ts'

/** @returns name, value … the status first */
export function flatFields(status: number, { flat }: Headers): string[] {
  const fields: string[] = [':status', String(status)]
  for (let i = 0; i < flat.length; i += 2) {
    // A reply of our own may ask an HTTP/1.1 client to close: HTTP/2 knows no such field (RFC 9113 section 8.2.2).
    if (flat[i] !== 'connection') fields.push(flat[i]!, flat[i + 1]!)
  }
  return fields
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
