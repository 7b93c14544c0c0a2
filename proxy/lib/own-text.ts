// A copy of a text that was cut out of another: a piece keeps the whole alive, and with it all that was read at once.
import { inOnePiece } from './headers.ts'

export function ownText(text: string): string {
  const own = inOnePiece(text)
  // What is not latin1 cannot be copied so.
  return own === text ? own : text
}
