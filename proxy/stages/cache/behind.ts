// Fetches of the cache's own, behind a client's back: a stale answer renewed, a whole fetched for its parts.
import { Headers } from '../../lib/headers.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import { absorb, type Fetch } from './absorb.ts'
import { detached } from './background.ts'
import { askWith } from './conditional.ts'
import { confirm } from './confirm.ts'
import type { Entry } from './entry.ts'
import { isFailure } from './freshness.ts'
import { forShared } from './passage.ts'
import type { Policy } from './policy.ts'
import { needlesOf } from './reflection.ts'
import type { NotStored } from './storable.ts'
import type { CacheStore } from './store.ts'

/** Where an answer belongs and by whose rules. */
export interface Place {
  readonly store: CacheStore
  readonly policy: Policy
  readonly primary: string
  readonly key: string
  /** Unix milliseconds. */
  readonly now: () => number
}

/** RFC 5861 section 3: asks again, once at a time for each entry. */
export function refresh(x: Exchange, place: Place, entry: Entry): void {
  if (entry.refreshing) return
  entry.refreshing = true
  const { store, now } = place
  store.refreshes++
  const again = () => {
    entry.refreshing = false
  }
  const headers = asks(x, place)
  const fetch = fetchOf(x, place, headers)
  askWith(headers, entry.etag, entry.lastModified)
  const replied = (reply: Reply) => {
    if (reply.status === 304) confirm(store, fetch, entry, reply.headers, now)
    else if (!isFailure(reply.status)) return renewed(fetch, entry, reply, place, again)
    reply.discard()
    again()
  }
  forward(x, place, headers, replied, again)
}

function renewed(fetch: Fetch, entry: Entry, reply: Reply, { store, now }: Place, again: () => void): void {
  const { body, why } = absorb(store, fetch, reply, now, (_, why) => {
    // RFC 9111 section 4.3.3: the new answer stands in the old one's place, also where it is not to be stored.
    if (why !== '' && !isChance(why)) store.remove(fetch.key, entry)
    again()
  })
  if (body !== null) body.drain()
  else if (why !== '') reply.discard()
}

/** Fetches the whole of which a part was asked. @param done told why it is not stored, '' where it is */
export function fetchWhole(x: Exchange, place: Place, done: (why: NotStored | 'failed' | '') => void): void {
  const headers = asks(x, place)
  const fetch = fetchOf(x, place, headers)
  const replied = (reply: Reply) => {
    const { body, why } = absorb(place.store, fetch, reply, place.now, (_, why) => done(why))
    if (body !== null) body.drain()
    else if (why !== '') reply.discard()
  }
  forward(x, place, headers, replied, () => done('failed'))
}

/** Faults of one fetch: the next answer may well be stored. */
export function isChance(why: NotStored): boolean {
  return why === 'incomplete' || why === 'memory' || why === 'invalidated' || why === 'reflected'
}

const asks = (x: Exchange, { policy }: Place): Headers =>
  new Headers(forShared(x.headers, true, policy.key.fields))

function fetchOf(x: Exchange, { store, policy, primary, key, now }: Place, headers: Headers): Fetch {
  return {
    primary,
    key,
    policy,
    headers: x.headers.clone(),
    authorized: x.headers.has('authorization'),
    askedMs: now(),
    sequence: store.sequence,
    needles: needlesOf(headers.flat, x.authority),
  }
}

function forward(
  x: Exchange,
  { policy }: Place,
  headers: Headers,
  replied: (reply: Reply) => void,
  failed: () => void,
): void {
  const exchange = detached(x, headers, policy.key.query(x.query))
  x.pipeline!.forward(exchange, { replied: (_, reply) => replied(reply), failed })
}
