// Addresses and CIDR blocks in the configuration: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`.
import { isIP } from 'node:net'
import { z } from 'zod'

/** What `private` stands for: loopback, RFC 1918, link-local and unique local addresses. */
const PRIVATE_BLOCKS = [
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
]

const EXPECTED = 'expected an address or a CIDR block such as 10.0.0.0/8'

function isBlock(text: string): boolean {
  const slash = text.indexOf('/')
  const family = isIP(slash < 0 ? text : text.slice(0, slash))
  if (family === 0) return false
  if (slash < 0) return true
  const length = text.slice(slash + 1)
  return /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128)
}

/** Config type: an address or a CIDR block. */
const cidr = () => z.string(EXPECTED).refine(isBlock, EXPECTED)

/** Config type: `private`, or a list of addresses and CIDR blocks that may name it too. */
export const blocks = () =>
  z
    .union([z.literal('private'), z.array(z.union([z.literal('private'), cidr()]))], {
      error: 'expected private or a list of addresses and CIDR blocks',
    })
    .transform(it =>
      (it === 'private' ? [it] : it).flatMap(block => (block === 'private' ? PRIVATE_BLOCKS : block)),
    )
