// Notices an answer that repeats what one client said in a field that is not in the key: it is not for others.
import type { Headers } from '../../lib/headers.ts'

/** A field's value worth looking for. */
export interface Needle {
  readonly name: string
  readonly text: string
}

/** As much of a body is looked through, its beginning. */
export const SCAN_BYTES = 16 * 1024
/** Longest value that is looked for: of a longer one its beginning. */
const MAX_CHARS = 256
/** Values looked for at once, the first of a request. */
const MAX_NEEDLES = 24

/**
 * Fields that are in the key, are answered here, or are written anew: an upstream never sees a client's own. A
 * hop's own words (Connection) do not travel.
 */
const NOT_THEIRS = new Set(
  `host connection keep-alive content-length transfer-encoding te upgrade expect via forwarded x-forwarded-for
  x-forwarded-proto x-forwarded-host x-forwarded-port x-real-ip x-request-id traceparent tracestate accept-encoding
  cache-control pragma if-none-match if-modified-since if-range range max-forwards dnt`.split(/\s+/),
)
/** Fields whose ordinary values are words of a protocol: they come in answers without being repeated. */
const VOCABULARY = new Set(
  'accept accept-language accept-charset priority upgrade-insecure-requests content-type'.split(' '),
)

/** What can do harm where a page repeats it: markup, script, another line. */
const MARKUP = /[<>"'`{}\\$]/
/** A host or a URL. */
const PLACE = /\/\/|[a-z0-9-]\.[a-z]{2,}/i
/** An opaque value: a token, a session. */
const OPAQUE_CHARS = 16

/**
 * @param flat what the upstream is told: name, value, name, value …
 * @param authority of the request: pages name themselves
 */
export function needlesOf(flat: readonly string[], authority: string): Needle[] {
  const needles: Needle[] = []
  for (let i = 0; i < flat.length && needles.length < MAX_NEEDLES; i += 2) {
    const name = flat[i]!
    if (NOT_THEIRS.has(name)) continue
    if (name === 'cookie') addCookies(flat[i + 1]!, needles)
    else if (isSought(name, flat[i + 1]!, authority)) needles.push(needle(name, sought(name, flat[i + 1]!)))
  }
  return needles.slice(0, MAX_NEEDLES)
}

const needle = (name: string, text: string): Needle => ({ name, text: text.slice(0, MAX_CHARS) })

/** Of Authorization what comes behind the scheme. */
const sought = (name: string, value: string): string =>
  name === 'authorization' ? value.slice(value.indexOf(' ') + 1) : value

function isSought(name: string, value: string, authority: string): boolean {
  if (name === 'referer') return namesAPlace(value, authority)
  if (VOCABULARY.has(name) || name.startsWith('sec-')) return value.length > 3 && MARKUP.test(value)
  return isTelling(sought(name, value))
}

function addCookies(field: string, needles: Needle[]): void {
  for (const pair of field.split(';')) {
    const at = pair.indexOf('=')
    const value = pair.slice(at + 1).trim()
    if (at > 0 && isTelling(value)) needles.push(needle(`cookie:${pair.slice(0, at).trim()}`, value))
  }
}

function isTelling(value: string): boolean {
  if (value.length >= OPAQUE_CHARS) return true
  return (value.length > 3 && MARKUP.test(value)) || (value.length > 5 && PLACE.test(value))
}

/** A page links to its own pages and to other sites: only more than such a plain address was repeated. */
function namesAPlace(referer: string, authority: string): boolean {
  if (referer.length < 6) return false
  if (MARKUP.test(referer) || referer.includes('?') || referer.includes('%')) return true
  const host = referer.indexOf('//') + 2
  if (referer.startsWith(authority, host) && referer[host + authority.length] === '/') return false
  const url = URL.canParse(referer) ? new URL(referer) : undefined
  return url !== undefined && url.host !== authority.toLowerCase() && url.pathname.length > 1
}

/** What is not in the key of a response that varies by `vary`. */
export function unkeyed(needles: readonly Needle[], vary: readonly string[]): readonly Needle[] {
  if (vary.length === 0 || needles.length === 0) return needles
  return needles.filter(
    ({ name }) => !vary.includes(name) && !(name.startsWith('cookie:') && vary.includes('cookie')),
  )
}

/** Looked for in none of them: a page's own address, and what is of the cache. */
const QUIET = new Set([
  'content-length',
  'date',
  'age',
  'via',
  'etag',
  'last-modified',
  'cache-control',
  'vary',
])

/** @returns the name of the request field whose value an answer's head repeats, '' for none */
export function reflectedInHead(needles: readonly Needle[], headers: Headers): string {
  const { flat } = headers
  for (const { name, text } of needles)
    for (let i = 0; i < flat.length; i += 2)
      if (flat[i + 1]!.includes(text) && !QUIET.has(flat[i]!)) return name
  return ''
}

/** Text that is not encoded. What is: encoded-looks.ts. */
export function canBeScanned(headers: Headers): boolean {
  const encoding = headers.get('content-encoding')
  if (encoding !== undefined && encoding !== 'identity') return false
  return isText(headers.get('content-type') ?? '')
}

/** @param type Content-Type; in anything else nothing is looked for */
export function isText(type: string): boolean {
  return type === '' || /^(?:text\/|[\w.+-]+\/(?:[\w.+-]+\+)?(?:json|xml|javascript)\b)/i.test(type)
}

/** Looks through the beginning of a body as it comes. */
export class BodyScan {
  readonly #needles: readonly Needle[]
  #from = 0
  /** The request field whose value was found, '' for none so far. */
  found = ''
  /** As much as is to be looked through has been. */
  done = false

  constructor(needles: readonly Needle[]) {
    this.#needles = needles
  }

  /** @param text the beginning of the body as far as it has come; @param ended there is no more */
  look(text: Buffer, ended: boolean): void {
    if (this.done) return
    const part = text.subarray(0, SCAN_BYTES)
    // A value may lie across two pieces.
    const window = part.subarray(Math.max(0, this.#from - MAX_CHARS))
    for (const needle of this.#needles) {
      if (window.indexOf(needle.text, 0, 'latin1') < 0) continue
      this.found = needle.name
      this.done = true
      return
    }
    this.#from = part.length
    this.done = ended || part.length >= SCAN_BYTES
  }
}

/** A route whose upstream repeats a field. */
export interface Reflection {
  readonly route: string
  readonly header: string
  count: number
}

/** What has been found since the worker began, by route and field. */
export class Reflections {
  /** Field names come from clients: of more pairs than this only the count is known. */
  static readonly maxPairs = 100
  readonly #found = new Map<string, Reflection>()

  add(route: string, header: string): void {
    const key = `${route}\n${header}`
    const known = this.#found.get(key)
    if (known !== undefined) known.count++
    else if (this.#found.size < Reflections.maxPairs) this.#found.set(key, { route, header, count: 1 })
  }

  list(): Reflection[] {
    return [...this.#found.values()]
  }
}
