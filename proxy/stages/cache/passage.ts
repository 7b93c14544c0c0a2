// One request's way past the cache: what was asked, where its answer would stand, whom it leads.
import { Block, Headers } from '../../lib/headers.ts'
import { type Exchange, fact, slot } from '../../pipeline/exchange.ts'
import type { Flight } from './coalesce.ts'
import { askWith, CONDITIONS } from './conditional.ts'
import type { Entry } from './entry.ts'
import { isOverride } from './key.ts'
import type { Asked } from './request.ts'
import type { Forwarded } from './status.ts'
import { codingsOf } from './vary.ts'

/** Exists only for requests that go on to the upstream; a hit leaves nothing behind. */
export class Passage {
  readonly asked: Asked
  readonly fwd: Forwarded
  /** Why it bypassed, '' if it did not. */
  readonly detail: string
  primary = ''
  key = ''
  /** Unix milliseconds when the upstream was asked. */
  askedMs = 0
  /** Invalidations seen when the upstream was asked. */
  sequence = 0
  /** The answer may be stored. */
  fills = false
  /** Too old to be served unasked. */
  stale: Entry | null = null
  /** The upstream was asked whether `stale` still holds. */
  confirms = false
  flight: Flight | null = null
  flightKey = ''
  /** The upstream failed. */
  failed = false
  /** Answered from the cache after all. */
  served = false
  /** The body goes on into the store after the client has its answer. */
  outlives = false
  constructor(asked: Asked, fwd: Forwarded, detail = '') {
    this.asked = asked
    this.fwd = fwd
    this.detail = detail
  }

  /**
   * Makes the request one whose answer is for everyone: no field that chooses another resource, no
   * condition or range of this client's own, codings in their normal form.
   * @param conditions false: leave the client's own conditions in place
   */
  prepare(x: Exchange, conditions: boolean): void {
    const kept = conditions ? shared : own
    x.asks = new Headers(x.fact(kept) ?? x.keepFact(kept, new Block(forShared(x.headers, conditions))))
    if (this.stale === null || !conditions) return
    askWith(x.asks, this.stale.etag, this.stale.lastModified)
    this.confirms = this.stale.etag !== '' || this.stale.lastModified !== ''
  }
}

export const passage = slot<Passage>()
/** What is asked for all, and what is asked for one client alone. */
const shared = fact<Block>()
const own = fact<Block>()

/** See `Passage.prepare`. */
export function forShared(headers: Headers, conditions: boolean): string[] {
  const { flat } = headers
  const fields: string[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if (isOverride(name) || name === 'accept-encoding' || (conditions && CONDITIONS.has(name))) continue
    fields.push(name, flat[i + 1]!)
  }
  fields.push('accept-encoding', codingsOf(headers))
  return fields
}
