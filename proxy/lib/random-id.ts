// Random hexadecimal ids cut from a pool: one call for entropy serves some hundred requests.
import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 16_384
const bytes = Buffer.allocUnsafeSlow(POOL_BYTES)
let pool = ''
let used = 0

/** @param digits how many hexadecimal digits, at most 64 */
export function randomHex(digits: number): string {
  if (used + digits > pool.length) {
    pool = randomFillSync(bytes).toString('hex')
    used = 0
  }
  return pool.slice(used, (used += digits))
}
