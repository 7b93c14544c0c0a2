// What guard refuses or answers itself: pure decisions over a request's head, each with its reason.
import type { ErrorType } from '../../../telemetry/record.ts'
import type { Headers } from '../../lib/headers.ts'

/** An answer given here. `error` is '' where nothing is wrong. */
export interface Refusal {
  status: number
  reason: string
  detail: string
  error: ErrorType | ''
  a: number
  b: number
  /** name, value, name, value … */
  fields: readonly string[]
}

/** The part of an exchange that guard judges. */
export interface GuardedHead {
  readonly method: string
  readonly target: string
  readonly protocol: string
  readonly upgrade: string
  readonly headers: Headers
  /** What the peer says of its client is believed. */
  readonly trusted: boolean
}

export interface GuardRules {
  readonly route: string
  readonly maxBodyBytes: number
  /** undefined: any but TRACE and CONNECT. */
  readonly methods: readonly string[] | undefined
  readonly strictPath: boolean
}

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
/** Via members of our own after which a request is taken to run in circles. */
const MAX_PASSES = 5
/** RFC 9110 section 14.2: many small or overlapping ranges are a known attack; more are ignored. */
const MAX_RANGES = 16

/** @param bodyBytes announced length, −1 unknown or none */
export function refuse(head: GuardedHead, bodyBytes: number, rules: GuardRules): Refusal | undefined {
  return (
    refuseMethod(head, rules.methods) ??
    (rules.strictPath ? refusePath(head.target) : undefined) ??
    refuseConnection(head.headers.list('connection'), head.trusted) ??
    refuseExpectation(head.headers.get('expect')) ??
    refuseSize(bodyBytes, rules) ??
    refuseWebSocket(head) ??
    refuseLoop(head.headers.list('via'))
  )
}

function refuseMethod(head: GuardedHead, methods: readonly string[] | undefined): Refusal | undefined {
  const { method } = head
  const refused = method === 'TRACE' || method === 'CONNECT' || (methods && !methods.includes(method))
  if (refused) {
    const allow = methods?.join(', ') ?? METHODS
    return refusal(405, 'method', `Allowed here: ${allow}.`, 'http_request_denied', ['allow', allow])
  }
  // RFC 9110 section 7.6.2: at zero the request goes no further; section 9.3.7: `*` asks this server.
  if (method !== 'OPTIONS' || (head.target !== '*' && head.headers.get('max-forwards')?.trim() !== '0'))
    return
  return refusal(200, 'answered-options', '', '', ['allow', methods?.join(', ') ?? METHODS])
}

/**
 * What backends read in more than one way: an escape of what separates, ends or escapes (`/ \ ; ? # %`) or of a
 * control, which some decode before they look for segments, some behind it, some twice; parameters of a segment,
 * which some take off; an escaped dot segment, which is resolved here as RFC 3986 has it, but which nobody needs.
 */
const AMBIGUOUS = /;|%(?:2f|5c|3b|3f|23|25|7f|[01][\da-f])|\/(?:%2e(?:\.|%2e)?|\.%2e)(?:\/|$)/i

function refusePath(target: string): Refusal | undefined {
  const mark = target.indexOf('?')
  if (!AMBIGUOUS.test(mark < 0 ? target : target.slice(0, mark))) return
  return refusal(400, 'strict-path', 'The path can be read in more than one way.', 'malformed_request')
}

/** RFC 9110 section 7.6.1: Connection must not name fields meant for all recipients. */
const END_TO_END =
  /(?:^|[\s,])(?:host|content-length|transfer-encoding|x-request-id|traceparent|tracestate|via)(?=$|[\s,])/i
/** Nor these, where they say who the client is. Where nobody is believed they are dropped anyway, named or not. */
const WHO_ASKED = /(?:^|[\s,])(?:forwarded|x-forwarded-[\w-]+)(?=$|[\s,])/i

function refuseConnection(connection: string | undefined, trusted: boolean): Refusal | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return
  if (!END_TO_END.test(connection) && !(trusted && WHO_ASKED.test(connection))) return
  return refusal(
    400,
    'connection-field',
    'Connection names a field that belongs to the message.',
    'malformed_request',
  )
}

/** RFC 9110 section 10.1.1: 100-continue is the only expectation there is. */
function refuseExpectation(expect: string | undefined): Refusal | undefined {
  if (expect === undefined || expect.toLowerCase() === '100-continue') return
  return refusal(417, 'expectation', 'Only 100-continue can be expected.', 'http_request_error')
}

function refuseSize(bytes: number, rules: GuardRules): Refusal | undefined {
  if (bytes <= rules.maxBodyBytes) return
  const answer = refusal(413, 'too-large', tooLarge(rules), 'request_too_large')
  answer.a = bytes
  answer.b = rules.maxBodyBytes
  return answer
}

/** Names what to change: the key and the route. */
export function tooLarge({ route, maxBodyBytes }: GuardRules): string {
  return `The body is over the ${maxBodyBytes} bytes of guard.maxBody of route ${route}.`
}

/** RFC 6455 section 4.2.2: any version but 13 is told the one that is spoken. */
function refuseWebSocket({ upgrade, protocol, headers }: GuardedHead): Refusal | undefined {
  if (upgrade !== 'websocket') return
  if (headers.get('sec-websocket-version') === '13') return refuseKey(protocol, headers)
  const fields = ['sec-websocket-version', '13']
  // RFC 9113 section 8.2.2: HTTP/2 has no Upgrade.
  if (protocol !== '2') fields.push('upgrade', 'websocket')
  return refusal(
    426,
    'websocket-version',
    'WebSocket version 13 is spoken here.',
    'http_request_error',
    fields,
  )
}

/** RFC 6455 section 4.2.1: sixteen bytes in base64. RFC 8441 section 5: over HTTP/2 there is none. */
function refuseKey(protocol: string, headers: Headers): Refusal | undefined {
  if (protocol === '2' || /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(headers.get('sec-websocket-key') ?? '')) return
  const detail = 'Sec-WebSocket-Key is not sixteen bytes in base64.'
  return refusal(400, 'websocket-key', detail, 'malformed_request')
}

function refuseLoop(via: string | undefined): Refusal | undefined {
  if (via === undefined) return
  const passes = countOwnPasses(via)
  if (passes <= MAX_PASSES) return
  const answer = refusal(508, 'loop', 'This request has come through here before.', 'proxy_loop_detected')
  answer.a = passes
  return answer
}

/** RFC 9110 section 7.6.3: each member is protocol, then host or pseudonym, then a comment. */
function countOwnPasses(via: string): number {
  let passes = 0
  for (const member of via.split(',')) if (/^\s*\S+\s+oriel(?:\s|$)/i.test(member)) passes++
  return passes
}

/** @returns how many ranges are asked for when they are too many, else 0 */
export function tooManyRanges(range: string | undefined): number {
  if (range === undefined) return 0
  let ranges = 1
  for (let at = range.indexOf(','); at >= 0; at = range.indexOf(',', at + 1)) ranges++
  return ranges > MAX_RANGES ? ranges : 0
}

function refusal(
  status: number,
  reason: string,
  detail: string,
  error: ErrorType | '',
  fields: readonly string[] = [],
): Refusal {
  return { status, reason, detail, error, a: 0, b: 0, fields }
}
