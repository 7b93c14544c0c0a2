// How long a response is fresh and how old it is when it comes: RFC 9111 section 4.2.
import type { Headers } from '../../lib/headers.ts'
import { parseHttpDate } from '../../lib/http-date.ts'
import { memo } from '../../lib/memo.ts'
import type { Directives } from './directives.ts'
import type { Overrides } from './policy.ts'

/** An upstream's dates come again and again. @returns Unix milliseconds, NaN for what is none */
export const readDate: (text: string) => number = memo(parseHttpDate)

export interface Lifetime {
  /** Counted from when the response was made. */
  readonly seconds: number
  /** What decided it where it was not the response. */
  readonly departs: '' | 'heuristic' | 'ttl-override'
}

/** Section 4.2.2: the statuses for which a lifetime may be guessed (RFC 9110 section 15.1), without parts. */
export const GUESSABLE = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])
const GUESSED_SHARE = 0.1

/** @param targeted `rules` come from a targeted field: then Expires does not count (RFC 9213 section 2.1) */
export function lifetimeOf(
  status: number,
  headers: Headers,
  rules: Directives,
  targeted: boolean,
  gotMs: number,
  ageMs: number,
  overrides: Overrides,
): Lifetime {
  const overrideS = overrides.ttlS(status)
  // Counted from its arrival: what it says of its age belongs to the lifetime that no longer counts.
  if (overrideS >= 0)
    return { seconds: overrideS + (overrideS > 0 ? ageMs / 1000 : 0), departs: 'ttl-override' }
  const explicitS = explicit(rules, headers, targeted, gotMs)
  if (explicitS !== undefined) return { seconds: explicitS, departs: '' }
  if (overrides.heuristicCapS === 0 || !(GUESSABLE.has(status) || rules.public)) return NONE
  return guess(headers, gotMs, overrides.heuristicCapS)
}

const NONE: Lifetime = { seconds: 0, departs: '' }

/** Section 4.2.1: s-maxage, then max-age, then Expires. @returns undefined when there is none */
function explicit(rules: Directives, headers: Headers, targeted: boolean, gotMs: number): number | undefined {
  if (rules.sMaxAge >= 0) return rules.sMaxAge
  if (rules.maxAge >= 0) return rules.maxAge
  if (targeted || !headers.has('expires')) return undefined
  const dateMs = Math.max(...datesOf(headers, gotMs))
  // Section 5.3: an invalid date is in the past; of several the earliest counts. What had expired before it
  // was sent is so much staler than what expires now.
  return Math.min(...headers.all('expires').map(text => (readDate(text) - dateMs) / 1000 || 0))
}

/** Section 4.2.2: a tenth of the time since it last changed. */
function guess(headers: Headers, gotMs: number, capS: number): Lifetime {
  if (!headers.has('last-modified')) return NONE
  // Of several the latest counts, and one that cannot be read is now.
  const changedMs = Math.max(...headers.all('last-modified').map(text => readDate(text) || gotMs))
  const unchangedS = (Math.min(...datesOf(headers, gotMs)) - changedMs) / 1000
  if (!(unchangedS > 0)) return NONE
  return { seconds: Math.min(unchangedS * GUESSED_SHARE, capS), departs: 'heuristic' }
}

/** RFC 9110 section 6.6.1: a Date that is missing or unreadable is the time of arrival. */
function datesOf(headers: Headers, gotMs: number): number[] {
  const dates: number[] = []
  const { flat } = headers
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === 'date') dates.push(readDate(flat[i + 1]!) || gotMs)
  return dates.length === 0 ? [gotMs] : dates
}

/** Section 4.2.3: the greater of the apparent age and the Age field with the time the answer took. */
export function initialAgeMs(headers: Headers, askedMs: number, gotMs: number): number {
  // Date has whole seconds: what is less than one may be no age at all.
  const apparentMs = Math.max(0, Math.floor((gotMs - Math.min(...datesOf(headers, gotMs))) / 1000) * 1000)
  return Math.max(apparentMs, statedAgeS(headers.list('age')) * 1000 + gotMs - askedMs)
}

/** Section 5.1: an Age that is no number is ignored; of several the greatest counts. */
function statedAgeS(field: string | undefined): number {
  if (field === undefined) return 0
  let ageS = 0
  for (const part of field.split(',')) {
    const text = part.trim()
    // Section 1.2.2: more than can be counted is very old.
    if (/^\d+$/.test(text)) ageS = Math.max(ageS, Math.min(Number(text), 2_147_483_648))
  }
  return ageS
}
