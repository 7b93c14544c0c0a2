// One request's way past the cache: what was asked, where its answer would stand, whom it leads.
import { fact } from '../../lib/fact.ts'
import { Block, Headers } from '../../lib/headers.ts'
import { type Exchange, slot } from '../../pipeline/exchange.ts'
import type { Flight } from './coalesce.ts'
import { askWith, CONDITIONS } from './conditional.ts'
import type { Entry } from './entry.ts'
import { isOverride } from './overrides.ts'
import type { Policy } from './policy.ts'
import { type Needle, needlesOf } from './reflection.ts'
import type { Asked } from './request.ts'
import type { SharedBody } from './shared-body.ts'
import type { Forwarded } from './status.ts'
import { codingsOf } from './vary.ts'

/** Exists only for requests that go on to the upstream; a hit leaves nothing behind. */
export class Passage {
  readonly asked: Asked
  readonly policy: Policy
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
  /** Its key is marked as one whose answers are not shared until then, Unix milliseconds; 0: it is not. */
  passesUntilMs = 0
  flight: Flight | null = null
  flightKey = ''
  /** The upstream failed. */
  failed = false
  /** Answered from the cache after all. */
  served = false
  /** The body goes on into the store after the client has its answer. */
  outlives = false
  /** What flows into the store, and to others. */
  body: SharedBody | null = null
  /** What the upstream was told that is not in the key. */
  needles: readonly Needle[] = []

  constructor(asked: Asked, policy: Policy, fwd: Forwarded, detail = '') {
    this.asked = asked
    this.policy = policy
    this.fwd = fwd
    this.detail = detail
  }

  /**
   * Makes the request one whose answer is for everyone: no field that chooses another resource, no
   * condition or range of this client's own, codings in their normal form.
   * @param conditions false: leave the client's own conditions in place
   */
  prepare(x: Exchange, conditions: boolean): void {
    const { key } = this.policy
    const kept = conditions ? shared : own
    const told = x.fact(kept) ?? x.keepFact(kept, tell(x, conditions, key.fields))
    x.asks = new Headers(told.block)
    this.needles = told.needles
    // What is asked is what is keyed: a parameter that is not in the key could be anybody's.
    if (key.tag !== '') x.asksQuery = key.query(x.query)
    // An answer to HEAD is held against what is stored when it is here.
    if (this.stale === null || !conditions || x.method === 'HEAD') return
    askWith(x.asks, this.stale.etag, this.stale.lastModified)
    this.confirms = this.stale.etag !== '' || this.stale.lastModified !== ''
  }
}

/** What an upstream is told, and what of it an answer must not repeat. */
interface Told {
  readonly block: Block
  readonly needles: readonly Needle[]
}

function tell(x: Exchange, conditions: boolean, keyed: readonly string[]): Told {
  const fields = forShared(x.headers, conditions, keyed)
  return { block: new Block(fields), needles: needlesOf(fields, x.authority) }
}

export const passage = slot<Passage>()
/** What is asked for all, and what is asked for one client alone. */
const shared = fact<Told>()
const own = fact<Told>()

/** See `Passage.prepare`. @param keyed fields that are in the key: those pass */
export function forShared(headers: Headers, conditions: boolean, keyed: readonly string[]): string[] {
  const { flat } = headers
  const fields: string[] = []
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    if (name === 'accept-encoding' || (conditions && CONDITIONS.has(name))) continue
    if (!isOverride(name) || keyed.includes(name)) fields.push(name, flat[i + 1]!)
  }
  fields.push('accept-encoding', codingsOf(headers))
  return fields
}
