// Fields by which clients can choose another host, path, method or scheme behind our back.
import { passesFor } from '../../lib/twin.ts'

/**
 * What frameworks, servers and other proxies take for the real host, URL, method or scheme of a request. None of
 * it is in the key, so on a cached route it does not pass: one client's answer would be everybody's.
 */
const OVERRIDES = new Set(
  `
  base-url cf-connecting-host destination disguised-host front-end-https
  host-override http-host http-method method-override proxy-host
  proxy-url referer-override request-uri translate true-client-host
  x-accel-redirect x-arbitrary-host x-backend-host x-base-url x-client-scheme
  x-context-path x-destination x-destination-url x-envoy-internal x-envoy-original-host
  x-envoy-original-method x-envoy-original-path x-forward-for x-forward-host x-forward-proto
  x-forwarded x-host x-host-name x-host-override x-hostname
  x-http-destinationurl x-http-host x-http-host-override x-http-method x-http-method-override
  x-http-path-override x-http-scheme x-http-url x-http-verb x-https
  x-invoke-output x-invoke-path x-invoke-query x-invoke-status x-matched-path
  x-method x-method-override x-middleware-override-headers x-middleware-prefetch x-middleware-rewrite
  x-middleware-subrequest x-ms-original-url x-nextjs-rewrite x-now-route-matches x-original-forwarded-for
  x-original-host x-original-method x-original-path x-original-query x-original-remote-addr
  x-original-scheme x-original-uri x-original-uri-path x-original-url x-originating-url
  x-override-url x-path x-path-info x-path-override x-port
  x-protocol x-proxy-host x-proxy-path x-proxy-url x-real-host
  x-real-url x-replaced-path x-replaced-uri x-request-path x-request-uri
  x-request-url x-requested-host x-rewrite x-rewrite-host x-rewrite-path
  x-rewrite-query x-rewrite-uri x-rewrite-url x-scheme x-script-name
  x-sendfile x-server-host x-server-name x-ssl x-uri
  x-url x-url-protocol x-url-scheme x-waws-unencoded-url
  `
    .trim()
    .split(/\s+/),
)

/** The three that are written anew for each request, by those who are believed: part of the key. */
const WRITTEN_ANEW = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host'])

/** By whatever spelling: an upstream that may get names with `_` reads them as these. */
export function isOverride(spelling: string): boolean {
  const name = passesFor(spelling)
  if (name.startsWith('x-forwarded-')) return !WRITTEN_ANEW.has(name)
  return OVERRIDES.has(name)
}
