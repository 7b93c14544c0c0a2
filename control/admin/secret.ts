// Random tokens and how they are kept: only as SHA-256, so that what memory or a file gives away opens nothing.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits, in letters that a URL and a header carry as they are. */
export const newSecret = (): string => randomBytes(32).toString('base64url')

/** Hex. No salt or stretching: a random secret cannot be guessed from its hash. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** Compares in a time that tells nothing, not even the length. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(hashOf(a), 'hex'), Buffer.from(hashOf(b), 'hex'))
}
