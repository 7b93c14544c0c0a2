// A stored response with all that a hit needs worked out when it was stored.
import { Block, Headers } from '../../lib/headers.ts'
import { VARIANT_BYTES } from '../../lib/variants.ts'
import { identOf } from './disk/ident.ts'
import { readDate } from './lifetime.ts'
import { ownTexts } from './own-texts.ts'
import { tagsOf } from './purge/tags.ts'
import { hit, keyText } from './status.ts'
import { type Freshness, sharesAuthorized } from './storable.ts'
import { isWithheld, withheldOf } from './withheld.ts'

/**
 * What an entry takes of the process beside its texts and its body: its objects, what V8 and malloc keep of a
 * buffer, and its share of what has left and is not collected yet. Measured: test/bench/cache-memory.ts.
 */
const OVERHEAD_BYTES = 1400
/** Between bodies of different sizes malloc leaves about so much unused. */
const GAPS = 1 / 10
/** What more it takes once it has answered: its heads with Age and Cache-Status, as lists and as text. */
const USED_BYTES = 800
/** Bodies below this size are kept as text, too, as which they are written; none of them has encoded forms. */
const TEXT_BELOW_BYTES = VARIANT_BYTES
/** About what one of its tags takes. */
const TAG_BYTES = 96

/** Section 3.1 of RFC 9111: fields of one connection or one recipient, and Age, which is told anew each time. */
const NOT_KEPT = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'age',
  'content-length',
])

export class Entry {
  readonly status: number
  readonly body: Buffer
  /** Shared by all answers; each adds its Age and its Cache-Status. */
  readonly head: Block
  /** Kept for the next revalidation, not told to clients: name, value, name, value … */
  readonly withheld: readonly string[]
  readonly etag: string
  readonly lastModified: string
  /** Last-Modified, else Date, else when it came (RFC 9111 section 4.3.2). */
  readonly modifiedMs: number
  /** RFC 9110 section 8.8.2.2: a second or more before Date, so that it names one version only. */
  readonly datesStrongly: boolean
  readonly bornMs: number
  /** Less than it was when the entry has been made stale. */
  lifetimeS: number
  readonly staleWhileRevalidateS: number
  readonly staleIfErrorS: number
  /** The same two, where the route allows it beyond what the response does. */
  readonly graceS: number
  readonly graceOnErrorS: number
  /** What decided the lifetime where it was not the response; '' where it was. */
  readonly departs: Freshness['departs']
  /** RFC 8246. */
  readonly immutable: boolean
  /** RFC 9111 section 5.2.2.4: asked about each time; it is never fresh. */
  readonly noCache: boolean
  /** RFC 9111 section 5.2.2.2: never served stale, whatever else allows it. */
  readonly mustRevalidate: boolean
  /** Section 5.2.2.10: s-maxage, too, forbids what a request's max-stale would allow. */
  readonly noMaxStale: boolean
  readonly sharesAuthorized: boolean
  /** It was made for a request with Authorization: whatever confirms it, section 3.5 holds. */
  readonly authorized: boolean
  /** Under which it stands in the store; '' until it does. */
  key = ''
  readonly freshness: Freshness
  /** Names under which it can be purged. */
  tags: readonly string[]
  /** When it came, Unix milliseconds. */
  readonly gotMs: number
  /** Where it stands: set by who stores it. */
  primary = ''
  suffix = ''
  /** The number of both, 0: not worked out. */
  ident = 0
  /** Whose it is, and whether the disk tier may keep it. */
  route = ''
  toDisk = false
  /** Answers given that nobody has been told of. */
  hits = 0
  /** It has answered a request. */
  used = false
  /** Answers given from it in all, and when the last one, Unix milliseconds; 0: none. */
  answers = 0
  usedMs = 0
  /** Encoded forms kept with the body. */
  variantBytes = 0
  /** A background revalidation is under way. */
  refreshing = false
  readonly #ownBytes: number
  #ageS = -1
  #ageText = ''
  #hitText = ''
  #keyText = ''
  #bodyText: string | null = null

  /**
   * @param fields as received; not kept, not changed
   * @param length of the body; −1: not known yet, nor said
   */
  constructor(
    status: number,
    fields: Headers,
    body: Buffer,
    freshness: Freshness,
    gotMs: number,
    length = body.length,
  ) {
    const { rules, lifetimeS, bornMs } = freshness
    this.status = status
    this.body = body
    this.freshness = freshness
    this.gotMs = gotMs
    this.head = new Block(ownTexts(keptHead(status, fields, rules.fields, length, gotMs)))
    const withheld = withheldOf(fields)
    this.withheld = withheld.length === 0 ? withheld : ownTexts(withheld)
    this.tags = tagsOf(this.withheld)
    this.etag = single(this.head, 'etag')
    this.lastModified = single(this.head, 'last-modified')
    const dateMs = readDate(fields.get('date') ?? '') || gotMs
    this.modifiedMs = readDate(this.lastModified) || dateMs
    this.datesStrongly = this.lastModified !== '' && dateMs - this.modifiedMs >= 1000
    this.bornMs = bornMs
    this.lifetimeS = lifetimeS
    this.staleWhileRevalidateS = rules.staleWhileRevalidate
    this.staleIfErrorS = rules.staleIfError
    this.graceS = freshness.graceS
    this.graceOnErrorS = freshness.staleIfErrorS
    this.departs = freshness.departs
    this.immutable = rules.immutable
    this.noCache = rules.noCache
    this.mustRevalidate = rules.mustRevalidate || rules.noCache
    this.noMaxStale = this.mustRevalidate || rules.sMaxAge >= 0
    this.sharesAuthorized = sharesAuthorized(rules)
    this.authorized = freshness.authorized
    const headBytes = this.head.flat.reduce((sum, text) => sum + text.length, 0)
    // Its text is kept too, once it has been used.
    this.#ownBytes = OVERHEAD_BYTES + Math.ceil(body.length * (1 + GAPS)) + 2 * headBytes
  }

  get bytes(): number {
    const used = this.used ? USED_BYTES + (this.body.length < TEXT_BELOW_BYTES ? this.body.length : 0) : 0
    return this.#ownBytes + used + this.variantBytes + this.tags.length * TAG_BYTES
  }

  /** The body as latin1 text; null: it is too large for that. */
  get bodyText(): string | null {
    if (this.body.length >= TEXT_BELOW_BYTES) return null
    return (this.#bodyText ??= this.body.toString('latin1'))
  }

  standAt(key: string, primary: string, suffix: string): void {
    this.key = key
    this.primary = primary
    this.suffix = suffix
  }

  belongTo({ route, disk, tags }: { route: string; disk: boolean; tags: readonly string[] }): void {
    this.route = route
    this.toDisk = disk
    if (tags.length > 0) this.tags = [...new Set([...this.tags, ...tags])]
  }

  /** From now on it is stale (a soft purge): what may be done with a stale answer may be done with it. */
  expire(nowMs: number): void {
    this.lifetimeS = Math.min(this.lifetimeS, (nowMs - this.bornMs) / 1000)
    this.#ageS = -1
  }

  get keyText(): string {
    if (this.#keyText === '') this.#keyText = keyText(this.key)
    return this.#keyText
  }

  /** RFC 9111 section 4.2.3, whole seconds. */
  ageS(nowMs: number): number {
    return Math.max(0, Math.floor((nowMs - this.bornMs) / 1000))
  }

  /** Seconds until it is stale; negative once it is. */
  ttlS(nowMs: number): number {
    return Math.floor(this.lifetimeS - (nowMs - this.bornMs) / 1000)
  }

  /** The head to answer with. `status` is the Cache-Status, a hit's where not given. */
  fields(nowMs: number, status?: string): Headers {
    const ageS = this.ageS(nowMs)
    this.answers++
    this.usedMs = nowMs
    if (ageS !== this.#ageS) {
      this.#ageS = ageS
      this.#ageText = String(ageS)
      this.#hitText = hit(this.ttlS(nowMs), this.keyText, this.departs)
    }
    const headers = new Headers(this.head)
    headers.extend('age', this.#ageText)
    headers.extend('cache-status', status ?? this.#hitText)
    return headers
  }
}

/** @param unshared fields that a directive keeps out of what is shared (RFC 9111 sections 5.2.2.4 and 5.2.2.7) */
function keptHead(
  status: number,
  fields: Headers,
  unshared: readonly string[],
  length: number,
  gotMs: number,
): string[] {
  const { flat } = fields
  const head: string[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if (!NOT_KEPT.has(name) && !isWithheld(name) && !unshared.includes(name)) head.push(name, flat[i + 1]!)
  }
  // RFC 9110 section 6.6.1: a recipient that stores a response without Date adds one.
  if (!fields.has('date')) head.push('date', new Date(gotMs).toUTCString())
  // RFC 9110 section 8.6: a 204 has none.
  if (status !== 204 && length >= 0) head.push('content-length', String(length))
  return head
}

/** A validator that comes twice and differs names no version. */
function single({ flat }: Block, name: string): string {
  let found = ''
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] !== name || flat[i + 1] === found) continue
    if (found !== '') return ''
    found = flat[i + 1]!
  }
  return found
}

/** Of where it stands, worked out when it is first asked for. */
export function numberOf(entry: Entry): number {
  return (entry.ident ||= identOf(entry.primary, entry.suffix))
}
