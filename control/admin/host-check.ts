// Which Host a request may name: a page that rebinds its own name to this machine's address names another.
import { isIP } from 'node:net'
import { hostname } from 'node:os'

/**
 * Loopback names and the address of the listener, with any port (a tunnel may have another). A listener on
 * every address is reached by many: any literal address, which DNS cannot rebind, and the machine's name.
 * @param bound the listener's host; '' or an unspecified address means all
 */
export function isKnownHost(host: string | undefined, bound: string): boolean {
  const name = nameOf(host)
  if (name === undefined) return false
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true
  if (isIP(name) === 4 && name.startsWith('127.')) return true
  if (name === bound.toLowerCase()) return true
  const everywhere = bound === '' || bound === '0.0.0.0' || bound === '::'
  return everywhere && (isIP(name) !== 0 || name === hostname().toLowerCase())
}

/** The Host header without port and brackets, lower case; undefined when it is not a host. */
function nameOf(host: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host ?? '')
  return (match?.[1] ?? match?.[2])?.toLowerCase()
}
