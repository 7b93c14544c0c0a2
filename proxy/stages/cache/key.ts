// Under which name a response is stored (RFC 9111 section 2).
import { hash } from 'node:crypto'
import { readTarget } from '../../lib/path.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { whatWasSaid } from '../../upstream/forwarding-fields.ts'
import type { CacheConfig } from './config.ts'

/** What of a request is in a route's key, beside scheme, authority and path. */
export interface KeyRecipe {
  /** @returns the query as it stands in the key, and as the upstream is asked */
  query(query: string): string
  /** More fields, as names of Vary; `cookie:<name>` for a cookie. They are told apart as variants are. */
  readonly fields: readonly string[]
  /** Set apart what was stored under another recipe; '' for the usual one. */
  readonly tag: string
}

export function recipe({ drop, sort, headers, cookies }: CacheConfig['key']): KeyRecipe {
  const fields = [...headers, ...cookies.map(name => `cookie:${name}`)]
  const plain = drop.length === 0 && !sort
  const tag =
    plain && fields.length === 0
      ? ''
      : `\n~${hash('sha256', JSON.stringify([drop, sort, fields]), 'base64').slice(0, 8)}`
  return { fields, tag, query: plain ? query => query : query => arranged(query, drop, sort) }
}

/** Names are compared as they are written: one that is escaped is another, and so another key. */
function arranged(query: string, drop: readonly string[], sort: boolean): string {
  if (query === '') return ''
  const nameOf = (pair: string) => pair.split('=', 1)[0]!
  const dropped = (name: string) =>
    drop.some(rule => (rule.endsWith('*') ? name.startsWith(rule.slice(0, -1)) : name === rule))
  const pairs = query.split('&').filter(pair => !dropped(nameOf(pair)))
  // Stable: values of one name keep their order, which may mean something.
  if (sort) pairs.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0))
  return pairs.join('&')
}

/**
 * Scheme, authority with its port (an origin may reflect it), the path as it is forwarded, the query
 * byte-exact. A trusted proxy's word on host and scheme is forwarded too, so it is part of the key.
 */
export function primaryKey(x: Exchange, { query, tag }: KeyRecipe): string {
  const asked = query(x.query)
  const bare = asked === '' && !x.target.endsWith('?')
  const key = `${x.scheme}://${x.authority.toLowerCase()}${x.path}`
  return (bare ? key : `${key}?${asked}`) + tag + proxyKey(x)
}

function proxyKey(x: Exchange): string {
  if (!x.trusted) return ''
  const { proto, host } = whatWasSaid(x)
  return host === '' && proto === '' ? '' : `\n${proto}\n${host.toLowerCase()}`
}

/** @returns the key of a URL named by a reply to `x`, if it is of the same origin (RFC 9111 section 4.4) */
export function relatedKey(x: Exchange, reference: string, { query, tag }: KeyRecipe): string | undefined {
  const base = `${x.scheme}://${x.authority.toLowerCase()}`
  const url = URL.canParse(reference, base + x.path) ? new URL(reference, base + x.path) : undefined
  if (url === undefined || url.origin !== new URL(base).origin) return undefined
  const target = readTarget(url.pathname)
  if ('refusal' in target) return undefined
  const asked = query(url.search.slice(1))
  return base + target.path + (asked === '' ? '' : `?${asked}`) + tag + proxyKey(x)
}
