// One request's way past the cache: what was asked, where its answer would stand, whom it leads.
import type { Headers } from '../../lib/headers.ts'
import { slot } from '../../pipeline/exchange.ts'
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
  /** The client's fields, while others stand in their place for the upstream. */
  #original: string[] | null = null

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
  prepare(headers: Headers, conditions: boolean): void {
    this.#original = headers.flat.slice()
    forShared(headers, conditions)
    if (this.stale === null || !conditions) return
    askWith(headers, this.stale.etag, this.stale.lastModified)
    this.confirms = this.stale.etag !== '' || this.stale.lastModified !== ''
  }

  /** The client's fields as they were: for the stages above, and for the record. */
  restore(headers: Headers): void {
    if (this.#original === null) return
    headers.flat.length = 0
    for (const text of this.#original) headers.flat.push(text)
    this.#original = null
  }
}

export const passage = slot<Passage>()

/** See `Passage.prepare`. */
export function forShared(headers: Headers, conditions: boolean): void {
  const { flat } = headers
  const codings = codingsOf(headers)
  let keep = 0
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if (isOverride(name) || name === 'accept-encoding' || (conditions && CONDITIONS.has(name))) continue
    flat[keep] = name
    flat[keep + 1] = flat[i + 1]!
    keep += 2
  }
  flat.length = keep
  flat.push('accept-encoding', codings)
}
