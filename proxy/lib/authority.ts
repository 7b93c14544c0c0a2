// Host and port as a request names them (RFC 9110 section 7.2), read strictly.
import { bracketedIp } from './ip-address.ts'
import { ownText } from './own-text.ts'

export interface Authority {
  /** Lower-case, without trailing dot; IPv6 in brackets, in its canonical form. */
  host: string
  /** 0: none given. */
  port: number
}

const FORM = /^(\[[^\]]{2,45}\]|[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,253}[A-Za-z0-9_.])?)(?::(\d{1,5}))?$/

/** Reading is the same for the few names a server sees: the last ones are remembered. */
const seen = new Map<string, Authority>()
const SEEN_MAX = 512

/** @returns undefined when the text is no authority: userinfo, path, bad port, odd characters */
export function readAuthority(text: string): Authority | undefined {
  const known = seen.get(text)
  if (known !== undefined) return known
  // What is kept here must not keep the head it was read with.
  const own = ownText(text)
  const match = FORM.exec(own)
  if (match === null) return undefined
  const port = match[2] === undefined ? 0 : Number(match[2])
  if (port > 65_535 || (match[2] !== undefined && port === 0)) return undefined
  const host = readHost(match[1]!)
  if (host === undefined) return undefined
  const authority = { host, port }
  if (seen.size >= SEEN_MAX) seen.clear()
  seen.set(own, authority)
  return authority
}

function readHost(text: string): string | undefined {
  if (text.startsWith('[')) return bracketedIp(text)
  const host = text.toLowerCase().replace(/\.$/, '')
  return host === '' || host.includes('..') ? undefined : host
}
