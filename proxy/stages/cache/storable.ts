// Whether a response may be stored and for how long it is fresh: RFC 9111 sections 3 and 4.2.
import type { Headers } from '../../lib/headers.ts'
import { type Directives, NO_DIRECTIVES, parseDirectives } from './directives.ts'
import { GUESSABLE, initialAgeMs, type Lifetime, lifetimeOf } from './lifetime.ts'
import { NO_OVERRIDES, type Overrides } from './policy.ts'
import { targetedRules } from './targeted.ts'
import { varyNames } from './vary.ts'

/** Why a response was not stored: the whole list. */
export type NotStored =
  | 'status'
  | 'must-understand'
  | 'no-store'
  | 'private'
  | 'no-cache'
  | 'set-cookie'
  | 'vary-star'
  | 'authorization'
  | 'no-freshness'
  | 'ttl-override'
  | 'reflected'
  | 'too-large'
  | 'incomplete'
  | 'memory'
  | 'invalidated'
  | 'validator'

export interface Freshness {
  readonly rules: Directives
  /** Section 4.2.1. */
  readonly lifetimeS: number
  /** What decided the lifetime where it was not the response: '' where it was. */
  readonly departs: Lifetime['departs']
  /** Unix milliseconds at which the response was made, by the most pessimistic account (section 4.2.3). */
  readonly bornMs: number
  readonly vary: readonly string[]
  /** It was made for a request with Authorization. */
  readonly authorized: boolean
  /** Seconds that the route, not the response, allows a stale answer. */
  readonly graceS: number
  readonly staleIfErrorS: number
}

/** Statuses whose caching a cache knows (section 5.2.2.3). */
const UNDERSTOOD = new Set(
  [200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 451, 500, 501, 502, 503, 504].concat(403),
)

/**
 * Never, however fresh they say to be: parts and confirmations (section 3.3); what the specification of the
 * status forbids (RFC 6585); and what speaks of this request's own fields, connection or body, none of which
 * is in the key: stored, one client's bad request would be everybody's answer.
 */
const NEVER = new Set([
  206, 226, 304, 400, 401, 407, 408, 411, 412, 413, 415, 416, 417, 421, 422, 425, 426, 428, 429, 431, 505,
  511,
])

export interface Circumstances {
  /** The request carried Authorization. */
  readonly authorized: boolean
  /** The request carried a cookie. */
  readonly cookied?: boolean
  /** Unix milliseconds when the request was sent, and when the response's head came. */
  readonly askedMs: number
  readonly gotMs: number
  readonly overrides?: Overrides
  /** What the route's key holds besides the URL, as names of Vary. */
  readonly keyed?: readonly string[]
}

/** @returns how fresh it is, or why it is not stored */
export function mayStore(status: number, headers: Headers, given: Circumstances): Freshness | NotStored {
  const { askedMs, gotMs, overrides = NO_OVERRIDES } = given
  if (status < 200 || NEVER.has(status)) return 'status'
  const targeted = targetedRules(headers)
  const rules = targeted ?? ordinaryRules(headers)
  const vary = variants(headers, given.keyed)
  const refusal = refuses(status, headers, rules, given)
  if (refusal !== '') return refusal
  if (vary === undefined) return 'vary-star'
  const ageMs = initialAgeMs(headers, askedMs, gotMs)
  const life = lifetimeOf(status, headers, rules, targeted !== undefined, gotMs, ageMs, overrides)
  if (life.departs === 'ttl-override' && life.seconds * 1000 <= ageMs) return 'ttl-override'
  // RFC 5861: what is stale but may still stand in is worth storing; a route's own grace alone is not enough.
  if ((life.seconds + stalenessS(rules)) * 1000 <= ageMs && !rules.noCache) return 'no-freshness'
  return {
    rules,
    // Section 5.2.2.4: there is no time in which it could be used unasked, whatever else is said.
    lifetimeS: rules.noCache ? 0 : life.seconds,
    departs: rules.noCache ? '' : life.departs,
    bornMs: gotMs - ageMs,
    vary,
    authorized: given.authorized,
    graceS: overrides.graceS,
    staleIfErrorS: overrides.staleIfErrorS,
  }
}

/** Reasons that stand in the head for good. Others are of one body, one moment or one store. */
const LASTING: ReadonlySet<NotStored> = new Set<NotStored>([
  'status',
  'must-understand',
  'no-store',
  'private',
  'set-cookie',
  'vary-star',
  'authorization',
])

/** @returns an answer with this head is refused whenever it comes */
export function isLasting(
  why: NotStored,
  status: number,
  headers: Headers,
  overrides: Overrides,
  nowMs: number,
): boolean {
  // A lifetime that is guessed may grow.
  if (why !== 'no-freshness' || overrides.heuristicCapS > 0) return LASTING.has(why)
  const targeted = targetedRules(headers)
  const rules = targeted ?? ordinaryRules(headers)
  const life = lifetimeOf(status, headers, rules, targeted !== undefined, nowMs, 0, overrides)
  return life.seconds + stalenessS(rules) <= 0
}

/** RFC 5861: seconds for which the response itself allows a stale answer. */
function stalenessS(rules: Directives): number {
  return Math.max(0, rules.staleWhileRevalidate, rules.staleIfError)
}

function ordinaryRules(headers: Headers): Directives {
  const control = headers.list('cache-control')
  return control === undefined ? NO_DIRECTIVES : parseDirectives(control)
}

function refuses(
  status: number,
  headers: Headers,
  rules: Directives,
  { authorized, cookied = false }: Circumstances,
): NotStored | '' {
  // Section 5.2.2.3: who understands the status may leave no-store aside; who does not must not store.
  if (rules.mustUnderstand && !UNDERSTOOD.has(status)) return 'must-understand'
  if (rules.noStore && !rules.mustUnderstand) return 'no-store'
  if (rules.private) return 'private'
  if (rules.noCache && !canBeConfirmed(status, headers, rules, cookied)) return 'no-cache'
  // Section 7.3 leaves it open; a cookie is for one client, unless the origin says to store all but the cookie.
  if (headers.has('set-cookie') && !rules.fields.includes('set-cookie')) return 'set-cookie'
  // Section 3.5.
  return authorized && !sharesAuthorized(rules) ? 'authorization' : ''
}

/**
 * Section 5.2.2.4: stored, but asked about each time, which needs something to ask with. Of a visitor with cookies only
 * where it says that it is for others: not every origin's validators tell its users apart.
 */
function canBeConfirmed(status: number, headers: Headers, rules: Directives, cookied: boolean): boolean {
  if (!GUESSABLE.has(status) || (cookied && !sharesAuthorized(rules))) return false
  return headers.has('etag') || headers.has('last-modified')
}

/** By what variants are told apart; undefined: they cannot be. */
function variants(headers: Headers, keyed: readonly string[] = []): readonly string[] | undefined {
  const said = varyNames(headers.list('vary'))
  // An origin that encodes and forgets to say so: its gzip is not for a client that cannot read it.
  const encoded = headers.has('content-encoding')
  if (said === undefined || (keyed.length === 0 && !encoded)) return said
  return [...new Set([...said, ...(encoded ? ['accept-encoding'] : []), ...keyed])]
}

/** Section 3.5: only these let a shared cache use an answer to one user for another. */
export function sharesAuthorized(rules: Directives): boolean {
  return rules.public || rules.mustRevalidate || rules.sMaxAge >= 0
}
