// What of the fields behind a request's body an upstream is told, whatever the client and the upstream speak.
import { isGrpc } from '../lib/grpc.ts'
import { Headers } from '../lib/headers.ts'
import { barredTrailer } from '../lib/trailer-names.ts'

/** A value that would end its line in HTTP/1.1. */
const BREAKS_LINE = /[\0\r\n]/

/**
 * No stage has seen them, so only those pass that the route lists; a gRPC call's do, being part of its protocol.
 * What may not come behind a body never does, and nothing is ever merged into the head.
 * @param request the request's fields
 * @param listed lower-case names
 */
export function passedTrailers(
  trailers: Headers,
  request: Headers,
  listed: ReadonlySet<string>,
): Headers | null {
  const all = isGrpc(request)
  if (!all && listed.size === 0) return null
  const { flat } = trailers
  const out: string[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if ((all || listed.has(name)) && barredTrailer(name) === '' && !BREAKS_LINE.test(flat[i + 1]!))
      out.push(name, flat[i + 1]!)
  }
  return out.length === 0 ? null : new Headers(out)
}
