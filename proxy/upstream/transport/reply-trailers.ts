// The fields behind a reply's body: all but those of one message's frame or one connection are for the client.
import { Headers } from '../../lib/headers.ts'
import { framesMessage } from '../../lib/trailer-names.ts'

/** @param flat name, value …; lower-case names. null: none came */
export function replyTrailers(flat: readonly string[] | null): Headers | null {
  if (flat === null) return null
  const out: string[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if (name.charCodeAt(0) !== 0x3a && !framesMessage(name)) out.push(name, flat[i + 1]!)
  }
  return out.length === 0 ? null : new Headers(out)
}
