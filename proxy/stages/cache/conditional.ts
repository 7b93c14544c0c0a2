// Conditional requests: a client's against an entry, ours against the upstream, and what a 304 changes.
import { Headers } from '../../lib/headers.ts'
import { parseHttpDate } from '../../lib/http-date.ts'

/** What a condition is held against. */
export interface Validators {
  readonly etag: string
  /** Unix milliseconds; NaN when unknown. */
  readonly modifiedMs: number
}

const ENTITY_TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g

/** RFC 9110 section 13.2.2: If-None-Match decides where it is present. '' stands for an absent field. */
export function isUnchanged(stored: Validators, ifNoneMatch: string, ifModifiedSince: string): boolean {
  if (ifNoneMatch !== '') return matchesAny(stored.etag, ifNoneMatch)
  if (ifModifiedSince === '') return false
  // Section 13.1.3: an invalid date is ignored.
  const since = parseHttpDate(ifModifiedSince)
  return stored.modifiedMs <= since + 999
}

/** Section 13.1.2, by the weak comparison of section 8.8.3.2. */
function matchesAny(etag: string, list: string): boolean {
  if (list.trim() === '*') return true
  if (etag === '') return false
  if (list === etag) return true
  const own = opaque(etag)
  for (const match of list.matchAll(ENTITY_TAG)) if (match[1] === own) return true
  return false
}

/** What a range is held against. */
export interface RangeValidators {
  readonly etag: string
  readonly lastModified: string
  readonly datesStrongly: boolean
}

/** Section 13.1.5: a range continues only exactly what it began with; weak tags and weak dates never do. */
export function isSameForRange(stored: RangeValidators, ifRange: string): boolean {
  if (ifRange.startsWith('"')) return ifRange === stored.etag
  return ifRange !== '' && ifRange === stored.lastModified && stored.datesStrongly
}

/** RFC 9111 section 4.3.4: a 304 that names another version does not speak of what is stored. */
export function confirms(etag: string, update: Headers): boolean {
  const named = update.get('etag')
  return named === undefined || etag === '' || opaque(named) === opaque(etag)
}

const opaque = (etag: string): string => (etag.startsWith('W/') ? etag.slice(2) : etag)

/** RFC 9111 section 4.3.1: ask with all that was stored. */
export function askWith(headers: Headers, etag: string, lastModified: string): void {
  if (etag !== '') headers.set('if-none-match', etag)
  if (lastModified !== '') headers.set('if-modified-since', lastModified)
}

/** Conditions of the client's own: they are answered here, never upstream, while a response is fetched to be stored. */
export const CONDITIONS = new Set(['if-none-match', 'if-modified-since', 'if-range', 'range'])

/** Of the body that is stored, so not for a 304 to change (RFC 9111 section 3.2). */
const OF_THE_BODY = new Set([
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'cache-status',
])

/** The stored head, updated by a 304: each field it carries replaces all of that name. */
export function freshened(stored: readonly string[], update: Headers): Headers {
  // RFC 9110 section 6.6.1: a 304 without Date is of the moment it came, not of the old response's.
  const replaced = new Set(['date'])
  for (let i = 0; i < update.flat.length; i += 2) {
    if (!OF_THE_BODY.has(update.flat[i]!)) replaced.add(update.flat[i]!)
  }
  const flat: string[] = []
  for (let i = 0; i < stored.length; i += 2)
    if (!replaced.has(stored[i]!)) flat.push(stored[i]!, stored[i + 1]!)
  for (let i = 0; i < update.flat.length; i += 2) {
    if (replaced.has(update.flat[i]!)) flat.push(update.flat[i]!, update.flat[i + 1]!)
  }
  return new Headers(flat)
}

/** RFC 9110 section 15.4.5: a 304 does not describe the representation again. */
const NOT_IN_304 = new Set([
  'content-type',
  'content-length',
  'content-encoding',
  'content-language',
  'content-range',
])

export function notModifiedHead(flat: readonly string[]): Headers {
  const head: string[] = []
  for (let i = 0; i < flat.length; i += 2) if (!NOT_IN_304.has(flat[i]!)) head.push(flat[i]!, flat[i + 1]!)
  return new Headers(head)
}
