// Cache-Control, of requests and of responses, as RFC 9111 section 5.2 reads it.
import { memo } from '../../lib/memo.ts'

/** Times are seconds, −1 where the directive is absent. */
export interface Directives {
  noStore: boolean
  noCache: boolean
  private: boolean
  public: boolean
  mustRevalidate: boolean
  mustUnderstand: boolean
  /** RFC 8246. */
  immutable: boolean
  onlyIfCached: boolean
  maxAge: number
  sMaxAge: number
  minFresh: number
  maxStale: number
  staleWhileRevalidate: number
  staleIfError: number
  /** Fields that `private="…"` and `no-cache="…"` take out of what is shared; lower-case. */
  fields: readonly string[]
}

type Flag = {
  [K in keyof Directives]: Directives[K] extends boolean ? K : never
}[keyof Directives]
type Delta = {
  [K in keyof Directives]: Directives[K] extends number ? K : never
}[keyof Directives]

const FLAGS = new Map<string, Flag>([
  ['no-store', 'noStore'],
  ['no-cache', 'noCache'],
  ['private', 'private'],
  ['public', 'public'],
  ['must-revalidate', 'mustRevalidate'],
  ['proxy-revalidate', 'mustRevalidate'],
  ['must-understand', 'mustUnderstand'],
  ['immutable', 'immutable'],
  ['only-if-cached', 'onlyIfCached'],
])
const DELTAS = new Map<string, Delta>([
  ['max-age', 'maxAge'],
  ['s-maxage', 'sMaxAge'],
  ['min-fresh', 'minFresh'],
  ['max-stale', 'maxStale'],
  ['stale-while-revalidate', 'staleWhileRevalidate'],
  ['stale-if-error', 'staleIfError'],
])

/** Section 1.2.2: greater values are as good as this one. */
const MAX_DELTA = 2_147_483_648
const DIRECTIVE = /([!#$%&'*+.^_`|~\w-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/
/** A quoted string that ends. */
const QUOTED = /"(?:[^"\\]|\\.)*"/g

/** Without these what is stored would not be the same response: to take one out is to take out all. */
const ESSENTIAL = new Set(
  'age cache-control content-encoding content-length content-location content-range content-type date etag expires last-modified location vary'.split(
    ' ',
  ),
)

/** One directive: its argument is undefined where there is none. */
export interface Directive {
  readonly name: string
  readonly argument: string | undefined
  /** The argument is a quoted string, or a String of a structured field. */
  readonly quoted: boolean
}

/** Unknown directives are ignored (section 5.2.3); of contradicting ones the stricter counts (section 4.2.1). */
export const parseDirectives: (field: string) => Directives = memo(field => {
  const list: Directive[] = []
  for (const [, token, quoted, plain] of field.matchAll(DIRECTIVE))
    list.push({ name: token!.toLowerCase(), argument: quoted ?? plain, quoted: quoted !== undefined })
  const found = readDirectives(list)
  // A quotation that never ends: where a number belongs to cannot be told.
  if (field.includes('"') && field.replace(QUOTED, '').includes('"')) {
    for (const delta of DELTAS.values()) if (found[delta] > 0) found[delta] = 0
  }
  return found
})

export function readDirectives(list: Iterable<Directive>): Directives {
  const fields: string[] = []
  const found: Directives = {
    noStore: false,
    noCache: false,
    private: false,
    public: false,
    mustRevalidate: false,
    mustUnderstand: false,
    immutable: false,
    onlyIfCached: false,
    maxAge: -1,
    sMaxAge: -1,
    minFresh: -1,
    maxStale: -1,
    staleWhileRevalidate: -1,
    staleIfError: -1,
    fields,
  }
  for (const directive of list) {
    const { name, argument } = directive
    const flag = FLAGS.get(name)
    if (flag !== undefined && !takesFields(directive, flag, fields)) found[flag] = true
    const delta = DELTAS.get(name)
    if (delta === undefined) continue
    const seconds = readDelta(argument, delta)
    found[delta] = found[delta] < 0 ? seconds : Math.min(found[delta], seconds)
  }
  return found
}

/**
 * Sections 5.2.2.4 and 5.2.2.7, the qualified form. @returns false where the directive is to be read as the
 * whole: no list, one that cannot be read, or one with a field that the response is not the same without.
 */
function takesFields({ argument, quoted }: Directive, flag: Flag, fields: string[]): boolean {
  if ((flag !== 'private' && flag !== 'noCache') || !quoted || argument === undefined) return false
  const names = argument.split(',').map(name => name.trim().toLowerCase())
  if (!names.every(name => TOKEN.test(name) && !ESSENTIAL.has(name))) return false
  fields.push(...names)
  return true
}

/** Section 4.2.1: what cannot be read is stale. Section 5.2.1.2: max-stale alone means any age. */
function readDelta(value: string | undefined, name: Delta): number {
  if (value === undefined && name === 'maxStale') return MAX_DELTA
  return value !== undefined && /^\d+$/.test(value) ? Math.min(Number(value), MAX_DELTA) : 0
}

export const NO_DIRECTIVES: Directives = parseDirectives('')
