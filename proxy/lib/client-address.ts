// Who the client is: the socket's other end, or what trusted proxies say of it, read right to left.
import { readForwarded } from './forwarded.ts'
import type { Headers } from './headers.ts'
import { canonicalIp } from './ip-address.ts'

/** Answers whether an address belongs to a trusted proxy. */
export type Trusts = (address: string) => boolean

/** IPv4-mapped IPv6 addresses (`::ffff:1.2.3.4`) are the IPv4 address. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

export interface ClientReading {
  /** The verified client address. */
  client: string
  /** False: the fields contradict each other, so none of them is believed. */
  believed: boolean
}

/**
 * Asked only when the peer itself is trusted. X-Forwarded-For is what proxies write; Forwarded counts where it
 * stands alone. A proxy that writes one of them may pass on the other as its client forged it: so when both are
 * there and do not lead to the same client, or Forwarded cannot be read, the peer is all that is certain.
 */
export function readClient(peer: string, headers: Headers, trusts: Trusts): ClientReading {
  const list = headers.list('x-forwarded-for')
  const field = headers.list('forwarded')
  if (field === undefined)
    return { client: lastUntrusted(peer, list?.split(',') ?? [], trusts), believed: true }
  const elements = readForwarded(field)
  if (elements === undefined) return { client: peer, believed: false }
  const client = lastUntrusted(
    peer,
    elements.map(element => element.for),
    trusts,
  )
  if (list === undefined || lastUntrusted(peer, list.split(','), trusts) === client)
    return { client, believed: true }
  return { client: peer, believed: false }
}

/** The rightmost entry that no trusted proxy accounts for. What is no address ends the search at the last good one. */
function lastUntrusted(peer: string, entries: readonly string[], trusts: Trusts): string {
  let client = peer
  for (let i = entries.length - 1; i >= 0; i--) {
    const address = nodeAddress(entries[i]!.trim())
    if (address === undefined) return client
    client = address
    if (!trusts(client)) return client
  }
  return client
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`; a port may be obfuscated. */
const NODE = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::(?:\d{1,5}|_[A-Za-z0-9._-]+))?$/

/** @returns undefined for `unknown`, an obfuscated identifier (RFC 7239 section 6.3) and nonsense */
export function nodeAddress(node: string): string | undefined {
  const match = NODE.exec(node)
  return canonicalIp(match === null ? node : (match[1] ?? match[2]!))
}
