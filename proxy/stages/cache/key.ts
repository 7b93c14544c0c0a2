// Under which name a response is stored (RFC 9111 section 2), and what must not reach an upstream unkeyed.
import { readTarget } from '../../lib/path.ts'
import type { Exchange } from '../../pipeline/exchange.ts'

/**
 * Scheme, authority with its port (an origin may reflect it), the path as it is forwarded, the query
 * byte-exact. A trusted proxy's word on host and scheme is forwarded too, so it is part of the key.
 */
export function primaryKey(x: Exchange): string {
  const bare = x.query === '' && !x.target.endsWith('?')
  const key = `${x.scheme}://${x.authority.toLowerCase()}${x.path}`
  const whole = bare ? key : `${key}?${x.query}`
  return x.trusted ? whole + proxyKey(x) : whole
}

function proxyKey({ headers }: Exchange): string {
  const host = headers.get('x-forwarded-host')
  const proto = headers.get('x-forwarded-proto')
  return host === undefined && proto === undefined ? '' : `\n${proto ?? ''}\n${host ?? ''}`
}

/** @returns the key of a URL named by a reply to `x`, if it is of the same origin (RFC 9111 section 4.4) */
export function relatedKey(x: Exchange, reference: string): string | undefined {
  const base = `${x.scheme}://${x.authority.toLowerCase()}`
  const url = URL.canParse(reference, base + x.path) ? new URL(reference, base + x.path) : undefined
  if (url === undefined || url.origin !== new URL(base).origin) return undefined
  const target = readTarget(url.pathname)
  if ('refusal' in target) return undefined
  return base + target.path + url.search + (x.trusted ? proxyKey(x) : '')
}

/**
 * Fields by which frameworks and servers let a client choose another host, path, method or scheme.
 * They are not in the key, so on a cached route they do not pass: one client's answer would be everyone's.
 */
const OVERRIDES = new Set([
  'x-forwarded-server',
  'x-forwarded-scheme',
  'x-forwarded-ssl',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-forwarded-uri',
  'x-forwarded-url',
  'x-forwarded-protocol',
  'x-forwarded-by',
  'x-forwarded',
  'x-forwarded-proto-version',
  'x-forwarded-host-original',
  'x-forwarded-method',
  'x-forwarded-query',
  'x-forward-for',
  'x-forward-host',
  'x-forward-proto',
  'x-host',
  'x-http-host',
  'x-http-host-override',
  'x-host-override',
  'x-original-host',
  'x-original-url',
  'x-original-uri',
  'x-original-path',
  'x-original-method',
  'x-original-remote-addr',
  'x-rewrite-url',
  'x-rewrite-uri',
  'x-override-url',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-http-path-override',
  'x-path-override',
  'x-http-destinationurl',
  'x-http-url',
  'x-proxy-url',
  'x-proxy-host',
  'x-real-host',
  'x-backend-host',
  'x-base-url',
  'x-destination',
  'x-destination-url',
  'x-scheme',
  'x-url-scheme',
  'x-url-protocol',
  'x-protocol',
  'x-port',
  'x-server-name',
  'x-server-host',
  'x-script-name',
  'x-context-path',
  'x-envoy-original-path',
  'x-envoy-original-host',
  'x-amz-website-redirect-location',
  'x-accel-redirect',
  'x-sendfile',
  'x-invoke-path',
  'x-middleware-subrequest',
  'x-middleware-prefetch',
  'x-matched-path',
  'front-end-https',
  'base-url',
  'proxy-host',
  'request-uri',
  'redirect',
  'destination',
  'proxy-url',
  'referer-override',
  'cf-connecting-host',
  'true-client-host',
  'x-wap-profile',
  'x-arbitrary-host',
])

export function isOverride(name: string): boolean {
  return OVERRIDES.has(name)
}
