// Copies of texts that were cut out of what a peer sent: a piece would keep all that was read with it alive, body included.
import { ownText } from '../../lib/own-text.ts'

/** Many responses say the same: so many texts are shared, then all are forgotten, which costs less than to choose. */
const MAX_SHARED = 1024
const MAX_SHARED_CHARS = 256
const shared = new Map<string, string>()

/** @param flat name, value, name, value …; names are shared by all messages and stay */
export function ownTexts(flat: readonly string[]): string[] {
  return flat.map((text, i) => (i % 2 === 0 ? text : sharedText(text)))
}

function sharedText(text: string): string {
  const known = shared.get(text)
  if (known !== undefined) return known
  const own = ownText(text)
  if (own.length > MAX_SHARED_CHARS) return own
  if (shared.size >= MAX_SHARED) shared.clear()
  shared.set(own, own)
  return own
}
