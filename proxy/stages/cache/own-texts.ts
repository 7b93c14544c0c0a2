// Copies of texts that were cut out of what a peer sent: a piece would keep all that was read with it alive, body included.
import { inOnePiece } from '../../lib/headers.ts'

/** Many responses say the same: so many texts are shared, then all are forgotten, which costs less than to choose. */
const MAX_SHARED = 1024
const MAX_SHARED_CHARS = 256
const shared = new Map<string, string>()

/** @param flat name, value, name, value …; names are shared by all messages and stay; values are latin1 */
export function ownTexts(flat: readonly string[]): string[] {
  return flat.map((text, i) => (i % 2 === 0 ? text : ownText(text)))
}

function ownText(text: string): string {
  const known = shared.get(text)
  if (known !== undefined) return known
  const own = inOnePiece(text)
  if (own.length > MAX_SHARED_CHARS) return own
  if (shared.size >= MAX_SHARED) shared.clear()
  shared.set(own, own)
  return own
}
