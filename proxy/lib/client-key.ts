// The identity under which a client address is limited: IPv4 whole, IPv6 by its /64.

/**
 * One subscriber holds a whole IPv6 /64 and can take any address in it, so the first four groups count.
 * IPv4-mapped addresses count as the IPv4 they are (RFC 4291 section 2.5.5.2).
 */
export function clientKey(address: string): string {
  if (!address.includes(':')) return address
  const zone = address.indexOf('%')
  const bare = (zone < 0 ? address : address.slice(0, zone)).toLowerCase()
  const mapped = /^(?:::|(?:0{1,4}:){5})ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)
  if (mapped) return mapped[1]!
  return `${firstGroups(bare).join(':')}::/64`
}

/** The first four groups without leading zeros, `::` written out (RFC 4291 section 2.2). */
function firstGroups(address: string): string[] {
  const [head = '', tail] = address.split('::', 2)
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  // A dotted quad at the end stands for two groups.
  const width = after.length + (after.at(-1)?.includes('.') ? 1 : 0)
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - width)
  const groups = [...before, ...new Array<string>(zeros).fill('0'), ...after]
  return groups.slice(0, 4).map(group => group.replace(/^0+(?=.)/, ''))
}
