// A copy of a text that was cut out of another: a piece keeps the whole alive, and with it all that was read at once.
import { inOnePiece } from './headers.ts'

/** Shorter pieces are copies: V8 refers to the whole only from here on. */
const SHORTEST_PIECE = 13

export function ownText(text: string): string {
  if (text.length < SHORTEST_PIECE) return text
  const own = inOnePiece(text)
  // What is not latin1 cannot be copied so.
  return own === text ? own : text
}
