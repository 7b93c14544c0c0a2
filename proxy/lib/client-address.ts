// Who the client is: the socket's other end, or what trusted proxies say of it, read right to left.

/** Answers whether an address belongs to a trusted proxy. */
export type Trusts = (address: string) => boolean

/** IPv4-mapped IPv6 addresses (`::ffff:1.2.3.4`) are the IPv4 address. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:.]{2,45})$/

/**
 * The verified client address: the rightmost X-Forwarded-For entry that no trusted proxy accounts for.
 * Only asked when the peer itself is trusted. A malformed entry ends the search at the last good one.
 */
export function clientAddress(peer: string, forwardedFor: string | undefined, trusts: Trusts): string {
  if (forwardedFor === undefined) return peer
  let client = peer
  const entries = forwardedFor.split(',')
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = stripPort(entries[i]!.trim())
    if (!ADDRESS.test(entry)) return client
    client = plainAddress(entry)
    if (!trusts(client)) return client
  }
  return client
}

function stripPort(entry: string): string {
  if (entry.startsWith('[')) return entry.slice(1, entry.indexOf(']'))
  const colon = entry.indexOf(':')
  return colon >= 0 && colon === entry.lastIndexOf(':') ? entry.slice(0, colon) : entry
}
