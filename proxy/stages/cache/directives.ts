// Cache-Control, of requests and of responses, as RFC 9111 section 5.2 reads it.
import { memo } from '../../lib/memo.ts'

/** Times are seconds, −1 where the directive is absent. */
export interface Directives {
  noStore: boolean
  noCache: boolean
  private: boolean
  public: boolean
  mustRevalidate: boolean
  onlyIfCached: boolean
  maxAge: number
  sMaxAge: number
  minFresh: number
  maxStale: number
  staleWhileRevalidate: number
  staleIfError: number
}

type Flag = 'noStore' | 'noCache' | 'private' | 'public' | 'mustRevalidate' | 'onlyIfCached'
type Delta = Exclude<keyof Directives, Flag>

/** Qualified forms (`private="x"`) count as the whole: the stricter reading. */
const FLAGS = new Map<string, Flag>([
  ['no-store', 'noStore'],
  ['no-cache', 'noCache'],
  ['private', 'private'],
  ['public', 'public'],
  ['must-revalidate', 'mustRevalidate'],
  ['proxy-revalidate', 'mustRevalidate'],
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

/** Unknown directives are ignored (section 5.2.3); of contradicting ones the stricter counts (section 4.2.1). */
export const parseDirectives: (field: string) => Directives = memo(field => {
  const found: Directives = {
    noStore: false,
    noCache: false,
    private: false,
    public: false,
    mustRevalidate: false,
    onlyIfCached: false,
    maxAge: -1,
    sMaxAge: -1,
    minFresh: -1,
    maxStale: -1,
    staleWhileRevalidate: -1,
    staleIfError: -1,
  }
  for (const [, token, quoted, plain] of field.matchAll(DIRECTIVE)) {
    const name = token!.toLowerCase()
    const flag = FLAGS.get(name)
    if (flag !== undefined) found[flag] = true
    const delta = DELTAS.get(name)
    if (delta === undefined) continue
    const seconds = readDelta(quoted ?? plain, delta)
    found[delta] = found[delta] < 0 ? seconds : Math.min(found[delta], seconds)
  }
  return found
})

/** Section 4.2.1: what cannot be read is stale. Section 5.2.1.2: max-stale alone means any age. */
function readDelta(value: string | undefined, name: Delta): number {
  if (value === undefined && name === 'maxStale') return MAX_DELTA
  return value !== undefined && /^\d+$/.test(value) ? Math.min(Number(value), MAX_DELTA) : 0
}

export const NO_DIRECTIVES: Directives = parseDirectives('')
