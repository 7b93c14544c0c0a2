// Takes an upstream's answer into the store: a whole response as it flows, or a 304 that confirms one.
import type { Headers } from '../../lib/headers.ts'
import type { Tap } from '../../pipeline/body.ts'
import type { Reply } from '../../pipeline/reply.ts'
import { freshened } from './conditional.ts'
import { NO_DIRECTIVES } from './directives.ts'
import { Entry } from './entry.ts'
import { Fill } from './fill.ts'
import { type Freshness, mayStore, type NotStored } from './storable.ts'
import type { CacheStore } from './store.ts'

/** What was asked of the upstream, and where the answer belongs. */
export interface Fetch {
  readonly primary: string
  readonly key: string
  /** The client's fields: variants are told apart by them. */
  readonly headers: Headers
  readonly authorized: boolean
  readonly askedMs: number
  readonly sequence: number
}

/** Told once how it ended: what was stored, or why nothing was. */
export type Absorbed = (entry: Entry | null, why: NotStored | '') => void

export interface Absorption {
  /** Null: it is not stored, and `done` has been told. */
  readonly tap: Tap | null
  readonly why: NotStored | ''
  readonly ttlS: number
}

/** Decides by the head; where it may be stored, the body must flow through `tap`. */
export function absorb(
  store: CacheStore,
  fetch: Fetch,
  reply: Reply,
  maxObjectBytes: number,
  now: () => number,
  done: Absorbed,
): Absorption {
  const gotMs = now()
  const { status, headers } = reply
  const freshness = mayStore(status, headers, fetch.authorized, fetch.askedMs, gotMs)
  const announced = typeof freshness === 'string' ? 0 : lengthOf(headers)
  if (typeof freshness === 'string' || announced > maxObjectBytes) {
    const why = typeof freshness === 'string' ? freshness : 'too-large'
    done(null, why)
    return { tap: null, why, ttlS: 0 }
  }
  // The stages above amend the reply's head: what is stored is the upstream's.
  const fields = headers.clone()
  const tap = new Fill(store, announced, maxObjectBytes, end => {
    if (typeof end === 'string') return done(null, end)
    const entry = new Entry(status, fields, end, freshness, gotMs)
    const why = store.put(fetch.primary, freshness.vary, fetch.headers, entry, fetch.sequence)
    done(why === '' ? entry : null, why)
  })
  return { tap, why: '', ttlS: Math.floor(freshness.lifetimeS - (gotMs - freshness.bornMs) / 1000) }
}

/** RFC 9111 section 4.3.4. @returns the entry to answer with, and why it is no longer stored if it is not */
export function confirm(
  store: CacheStore,
  fetch: Fetch,
  stale: Entry,
  update: Headers,
  now: () => number,
): { entry: Entry; why: NotStored | '' } {
  const gotMs = now()
  const fields = freshened(stale.head.flat, update)
  const freshness = mayStore(stale.status, fields, fetch.authorized, fetch.askedMs, gotMs)
  if (typeof freshness === 'string') {
    store.remove(fetch.key, stale)
    return { entry: new Entry(stale.status, fields, stale.body, spent(gotMs), gotMs), why: freshness }
  }
  const entry = new Entry(stale.status, fields, stale.body, freshness, gotMs)
  entry.variantBytes = stale.variantBytes
  return { entry, why: store.put(fetch.primary, freshness.vary, fetch.headers, entry, fetch.sequence) }
}

/** RFC 9110 section 8.6; −1 when absent or unreadable. */
function lengthOf(headers: Headers): number {
  const text = headers.get('content-length')
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : -1
}

/** Of an entry that answers once and is not kept. */
function spent(gotMs: number): Freshness {
  return { rules: NO_DIRECTIVES, lifetimeS: 0, bornMs: gotMs, vary: [] }
}
