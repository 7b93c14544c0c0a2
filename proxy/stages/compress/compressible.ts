// Whether a reply may be encoded here: a pure decision over its head, with the reason when not.
import type { Headers } from '../../lib/headers.ts'

export type Obstacle =
  | ''
  | 'status'
  | 'encoded'
  | 'event-stream'
  | 'type'
  | 'no-transform'
  | 'digest'
  | 'small'

/** Text in all its guises. An event stream is text that must not wait for anything. */
const TEXT =
  /^(?:text\/|[\w.+-]+\/[\w.+-]+\+(?:json|xml)(?:$|[;\s])|application\/(?:json|javascript|xml|x-javascript|x-ndjson|ndjson|graphql|wasm|manifest|rtf|toml|yaml|sql|x-yaml|x-sh|ld|vnd\.ms-fontobject|x-web-app-manifest)\b|font\/(?:ttf|otf|collection)\b|image\/(?:bmp|x-icon|vnd\.microsoft\.icon)\b)/i
const EVENT_STREAM = /^text\/event-stream\b/i
const NO_TRANSFORM = /(?:^|[\s,])no-transform(?:$|[\s,])/i

/**
 * What stands against encoding, besides what the client accepts.
 * @param bytes length of the body, −1 when unknown
 */
export function obstacle(status: number, headers: Headers, bytes: number, minBytes: number): Obstacle {
  // The cheapest question first: what is small stays as it is, whatever it is.
  if (bytes >= 0 && bytes < minBytes) return 'small'
  if (status < 200 || status === 204 || status === 205 || status === 206 || status === 304) return 'status'
  const type = headers.get('content-type')
  if (type === undefined) return 'type'
  if (EVENT_STREAM.test(type)) return 'event-stream'
  if (!TEXT.test(type)) return 'type'
  const encoding = headers.get('content-encoding')
  if (encoding !== undefined && encoding !== 'identity') return 'encoded'
  // RFC 9110 section 7.7: no-transform forbids it; RFC 9530: a digest would no longer fit.
  if (forbidsTransform(headers)) return 'no-transform'
  if (headers.has('content-digest') || headers.has('repr-digest') || headers.has('digest')) return 'digest'
  return ''
}

/** RFC 9111 sections 5.2.1.6 and 5.2.2.6: a client may ask for it as well as an origin. */
export function forbidsTransform(headers: Headers): boolean {
  const control = headers.list('cache-control')
  return control !== undefined && NO_TRANSFORM.test(control)
}

/** Vary names Accept-Encoding (RFC 9110 section 12.5.5): also where it was not encoded this time. */
export function addVary(headers: Headers): void {
  const vary = headers.list('vary')
  if (vary === undefined) headers.extend('vary', 'Accept-Encoding')
  else if (!/(?:^|[\s,])(?:accept-encoding|\*)(?:$|[\s,])/i.test(vary))
    headers.extend('vary', 'Accept-Encoding')
}

/** The head of the encoded form. RFC 9110 section 8.8.1: it is no longer the same bytes, so the ETag is weak. */
export function describeEncoded(headers: Headers, coding: string, bytes: number): void {
  headers.set('content-encoding', coding)
  headers.delete('accept-ranges')
  headers.delete('content-md5')
  if (bytes >= 0) headers.set('content-length', String(bytes))
  else headers.delete('content-length')
  const etag = headers.get('etag')
  if (etag?.startsWith('"')) headers.set('etag', `W/${etag}`)
}

/**
 * A client that asks with the weak form of a strong ETag has the encoded form: its 304 names that one, or a cache on
 * the way would not take it for what it holds (RFC 9111 section 4.3.4, RFC 9110 section 15.4.5).
 */
export function describeConfirmed(headers: Headers, asked: string | undefined, minBytes: number): void {
  const etag = headers.get('etag')
  if (etag?.startsWith('"') && asked?.includes(`W/${etag}`)) headers.set('etag', `W/${etag}`)
  // It says the Vary of its 200, for which it mostly leaves out whether that is text.
  const unsaid = !headers.has('content-type') && !headers.has('content-encoding')
  if (unsaid ? !forbidsTransform(headers) : obstacle(200, headers, -1, minBytes) === '') addVary(headers)
}
