// What an upstream is told: the client's fields less what was for us, plus who asked and through whom.
import { fact } from '../lib/fact.ts'
import type { ForwardedStyle } from '../lib/forwarded-style.ts'
import { Block, Headers, inOnePiece } from '../lib/headers.ts'
import { isTwin, passesFor } from '../lib/twin.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import { pushForwarding } from './forwarding-fields.ts'
import { isHopByHop, listsToken } from './hop-by-hop.ts'

/** Written anew for every request; a client's own version never passes. */
const OWN = new Set([
  'host',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'forwarded',
  'traceparent',
  'tracestate',
  'x-request-id',
  'via',
  'expect',
  'x-real-ip',
])

/** How an upstream is told, as its route has it: the same for all requests with one head. */
export interface Telling {
  readonly forwarded: ForwardedStyle
  /** Pass names with `_` or `.`, which are dropped otherwise. */
  readonly allowUnderscores: boolean
  /** Names of the request trailers that are passed. */
  readonly trailers: ReadonlySet<string>
}

/** What all requests with the same head tell an upstream, and from which fields it was made. */
export interface Common {
  readonly from: Block
  readonly upstream: string
  readonly block: Block
  /** Request line and fields as they begin an HTTP/1 head, up to the trace id; '' until a second request asks. */
  opening: string
  used: boolean
  /** An event stream is asked for. */
  readonly eventStream: boolean
}

const common = fact<Common>()

/**
 * Request fields for an upstream, but for the trace's. Content-Length stays; framing is the transport's.
 * @param upstream its name: the Host of an HTTP/1.0 request that brought none
 */
export function commonFields(x: Exchange, upstream: string, telling: Telling): Common {
  const from = (x.asks ?? x.headers).block()
  const known = x.fact(common)
  if (known !== undefined && known.from === from && known.upstream === upstream) return known
  const eventStream = x.headers.get('accept')?.startsWith('text/event-stream') ?? false
  const block = readCommon(x, from, upstream, telling)
  return x.keepFact(common, { from, upstream, block, opening: '', used: false, eventStream })
}

/** Path as it was matched, query byte for byte, or as a stage asks it for all. */
export function targetOf(x: Exchange): string {
  const query = x.asksQuery ?? x.query
  return query === '' && !x.target.endsWith('?') ? x.path : `${x.path}?${query}`
}

/** All fields, with the trace's. */
export function forwardedHeaders(x: Exchange, { block }: Common): Headers {
  const headers = new Headers(block)
  if (x.traceId === '') return headers
  headers.append('traceparent', `00-${x.traceId}-${x.spanId}-0${x.traceFlags & 1}`)
  if (x.traceState !== '') headers.append('tracestate', x.traceState)
  if (x.requestId !== '') headers.append('x-request-id', x.requestId)
  return headers
}

/**
 * The same as an HTTP/1 head without its empty line, and without making fields first.
 * The upstream's parent is this exchange's span (W3C Trace Context, section 3.3).
 */
export function forwardedHead(x: Exchange, common: Common): string {
  if (x.traceId === '') return `${x.method} ${targetOf(x)} HTTP/1.1\r\n${common.block.text}`
  const flags = (x.traceFlags & 1) === 1 ? '-01\r\nx-request-id: ' : '-00\r\nx-request-id: '
  const text = `${openingOf(x, common)}${x.traceId}-${x.spanId}${flags}${x.requestId}\r\n`
  return x.traceState === '' ? text : `${text}tracestate: ${x.traceState}\r\n`
}

function openingOf(x: Exchange, common: Common): string {
  if (common.opening !== '') return common.opening
  const opening = `${x.method} ${targetOf(x)} HTTP/1.1\r\n${common.block.text}traceparent: 00-`
  if (common.used) common.opening = inOnePiece(opening)
  common.used = true
  return opening
}

function readCommon(x: Exchange, { flat }: Block, upstream: string, telling: Telling): Block {
  const connection = x.headers.list('connection')
  const out: string[] = ['host', x.authority === '' ? upstream : x.authority]
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if (OWN.has(name) || isHopByHop(name, connection)) continue
    // A stranger's word about whom it speaks for, under any name of that family.
    if (!x.trusted && name.startsWith('x-forwarded-')) continue
    if (isTwin(name) && !(telling.allowUnderscores && isHarmless(passesFor(name), connection))) continue
    out.push(name, flat[i + 1]!)
  }
  const te = x.headers.list('te')
  if (te !== undefined && listsToken(te, 'trailers')) out.push('te', 'trailers')
  const announced = x.headers.list('trailer')
  if (announced !== undefined) announce(announced, telling.trailers, out)
  pushForwarding(x, telling.forwarded, out)
  return new Block(out)
}

/** Some backends read only trailers that the head names: those of the client's that pass (RFC 9110 section 6.6.2). */
function announce(names: string, listed: ReadonlySet<string>, out: string[]): void {
  if (listed.size === 0) return
  const passed = names.split(',').map(name => name.trim().toLowerCase())
  const known = passed.filter(name => listed.has(name))
  if (known.length > 0) out.push('trailer', known.join(', '))
}

/** Whatever the route allows, nobody passes for what is written here or for a field of one connection. */
function isHarmless(name: string, connection: string | undefined): boolean {
  return !OWN.has(name) && !name.startsWith('x-forwarded-') && !isHopByHop(name, connection)
}

/** Reply fields for the client: hop-by-hop removed, Via added. */
export function replyHeaders(flat: readonly string[]): Headers {
  let connection: string | undefined
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] === 'connection')
      connection = connection === undefined ? flat[i + 1]! : `${connection},${flat[i + 1]}`
  }
  const out: string[] = []
  let via: string | undefined
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    // Alt-Svc would lead clients past us, to an address of the upstream's own (RFC 7838 section 2).
    if (name === 'alt-svc' || isHopByHop(name, connection)) continue
    if (name === 'via') via = via === undefined ? flat[i + 1]! : `${via}, ${flat[i + 1]}`
    else out.push(name, flat[i + 1]!)
  }
  out.push('via', via === undefined ? '1.1 oriel' : `${via}, 1.1 oriel`)
  return new Headers(out)
}
