// A request's head for HTTP/2: Host becomes :authority, the rest stays as it is (RFC 9113 section 8.3.1).
import type { Outgoing } from '../transport.ts'

/** @returns name, value … pseudo-fields first */
export function requestHead({ method, target, headers }: Outgoing, scheme: string): string[] {
  const { flat } = headers
  const head = [':method', method, ':path', target, ':scheme', scheme, ':authority', '']
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] === 'host') head[7] = flat[i + 1]!
    else head.push(flat[i]!, flat[i + 1]!)
  }
  return head
}
