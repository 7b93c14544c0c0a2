// What tells an entry that is whole from one that is not.
import { hash } from 'node:crypto'

/** Of all that is served: the body, then head and judgement. */
export function digestOf(head: string, freshness: string, body: Buffer): Buffer {
  return Buffer.concat([hash('sha256', body, 'buffer').subarray(0, 16), digestOfTexts(head, freshness)])
}

export const digestOfTexts = (head: string, freshness: string): Buffer =>
  hash('sha256', `${head}\n${freshness}`, 'buffer').subarray(0, 16)
