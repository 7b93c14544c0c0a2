// Whether a response may be stored and for how long it is fresh: RFC 9111 sections 3 and 4.2, no heuristics.
import type { Headers } from '../../lib/headers.ts'
import { parseHttpDate } from '../../lib/http-date.ts'
import { type Directives, NO_DIRECTIVES, parseDirectives } from './directives.ts'
import { varyNames } from './vary.ts'

/** Why a response was not stored: the whole list. */
export type NotStored =
  | 'method'
  | 'status'
  | 'no-store'
  | 'private'
  | 'no-cache'
  | 'set-cookie'
  | 'vary-star'
  | 'authorization'
  | 'no-freshness'
  | 'too-large'
  | 'incomplete'
  | 'memory'
  | 'invalidated'

export interface Freshness {
  readonly rules: Directives
  /** Section 4.2.1. */
  readonly lifetimeS: number
  /** Unix milliseconds at which the response was made, by the most pessimistic account (section 4.2.3). */
  readonly bornMs: number
  readonly vary: readonly string[]
}

/** Final statuses whose meaning a cache knows (section 3, third bullet). Partial content is not stored. */
const UNDERSTOOD = new Set([200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501])

/**
 * @param authorized the request carried Authorization
 * @param askedMs when the request was sent, Unix milliseconds; `gotMs` when its head came
 * @returns how fresh it is, or why it is not stored
 */
export function mayStore(
  status: number,
  headers: Headers,
  authorized: boolean,
  askedMs: number,
  gotMs: number,
): Freshness | NotStored {
  if (!UNDERSTOOD.has(status)) return 'status'
  const control = headers.list('cache-control')
  const rules = control === undefined ? NO_DIRECTIVES : parseDirectives(control)
  if (rules.noStore) return 'no-store'
  if (rules.private) return 'private'
  if (rules.noCache) return 'no-cache'
  // Section 7.3 leaves it open; a cookie is for one client.
  if (headers.has('set-cookie')) return 'set-cookie'
  const vary = varyNames(headers.list('vary'))
  if (vary === undefined) return 'vary-star'
  // An origin that encodes and forgets to say so: its gzip is not for a client that cannot read it.
  if (headers.has('content-encoding') && !vary.includes('accept-encoding')) vary.push('accept-encoding')
  // Section 3.5.
  if (authorized && !sharesAuthorized(rules)) return 'authorization'
  const lifetimeS = lifetime(rules, headers, gotMs)
  const bornMs = gotMs - initialAgeMs(headers, askedMs, gotMs)
  const graceS = Math.max(0, rules.staleWhileRevalidate, rules.staleIfError)
  if (bornMs + (lifetimeS + graceS) * 1000 <= gotMs) return 'no-freshness'
  return { rules, lifetimeS, bornMs, vary }
}

/** Section 3.5: only these let a shared cache use an answer to one user for another. */
export function sharesAuthorized(rules: Directives): boolean {
  return rules.public || rules.mustRevalidate || rules.sMaxAge >= 0
}

/** Section 4.2.1: s-maxage, then max-age, then Expires; 0 when there is none. */
function lifetime(rules: Directives, headers: Headers, gotMs: number): number {
  if (rules.sMaxAge >= 0) return rules.sMaxAge
  if (rules.maxAge >= 0) return rules.maxAge
  let expiresMs = Number.POSITIVE_INFINITY
  // Section 5.3: an invalid date is in the past; of several the earliest counts.
  for (const text of headers.all('expires')) expiresMs = Math.min(expiresMs, parseHttpDate(text) || 0)
  if (expiresMs === Number.POSITIVE_INFINITY) return 0
  return Math.max(0, (expiresMs - dateOf(headers, gotMs)) / 1000)
}

function dateOf(headers: Headers, gotMs: number): number {
  return parseHttpDate(headers.get('date') ?? '') || gotMs
}

/** Section 4.2.3: the greater of the apparent age and the Age field with the time the answer took. */
function initialAgeMs(headers: Headers, askedMs: number, gotMs: number): number {
  // Date has whole seconds: what is less than one may be no age at all.
  const apparentMs = Math.max(0, Math.floor((gotMs - dateOf(headers, gotMs)) / 1000) * 1000)
  const age = headers.get('age')
  // Section 5.1: an Age that is no number is ignored.
  const ageMs = age !== undefined && /^\d{1,10}$/.test(age) ? Number(age) * 1000 : 0
  return Math.max(apparentMs, ageMs + gotMs - askedMs)
}
