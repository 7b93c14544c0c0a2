// What a stored response learns from an answer without a body: a 304, or one to HEAD (RFC 9111 section 4.3).
import type { Headers } from '../../lib/headers.ts'
import { circumstances, type Fetch, lengthOf } from './absorb.ts'
import { confirms, freshened } from './conditional.ts'
import { NO_DIRECTIVES } from './directives.ts'
import { Entry } from './entry.ts'
import { initialAgeMs } from './lifetime.ts'
import { reflectedInHead } from './reflection.ts'
import { mayStore, type NotStored } from './storable.ts'
import type { CacheStore } from './store.ts'

/** Section 4.3.4. @returns the entry to answer with, and why it is no longer stored if it is not */
export function confirm(
  store: CacheStore,
  fetch: Fetch,
  stale: Entry,
  update: Headers,
  now: () => number,
): { entry: Entry; why: NotStored | '' } {
  const gotMs = now()
  // It speaks of another version: good for the one who asked, and no reason to keep what is stored.
  if (!confirms(stale.etag, update)) {
    store.remove(fetch.key, stale)
    return { entry: stale, why: 'validator' }
  }
  const fields = freshened(stale.head.flat.concat(stale.withheld), update)
  // It repeats what this client said: what is stored does not learn that.
  if (reflectedInHead(fetch.needles, update) !== '')
    return { entry: once(stale, fields, fetch.askedMs, gotMs), why: 'reflected' }
  const given = circumstances(fetch, gotMs)
  const authorized = given.authorized || stale.authorized
  // Whoever confirms it: the body is the one that was found fit for others.
  const freshness = mayStore(stale.status, fields, { ...given, authorized, cookied: false })
  if (typeof freshness === 'string') {
    store.remove(fetch.key, stale)
    return { entry: once(stale, fields, fetch.askedMs, gotMs), why: freshness }
  }
  const entry = new Entry(stale.status, fields, stale.body, freshness, gotMs)
  entry.variantBytes = stale.variantBytes
  entry.belongTo(fetch.policy)
  return { entry, why: store.put(fetch.primary, freshness.vary, fetch.headers, entry, fetch.sequence) }
}

/**
 * Section 4.3.5: an answer to HEAD updates what GET stored where both are the same version, as far as it says;
 * where they are not, what is stored is out of date. @returns why nothing is stored any more, '' if it is
 */
export function confirmByHead(
  store: CacheStore,
  fetch: Fetch,
  stale: Entry,
  head: Headers,
  now: () => number,
): NotStored | '' {
  const etag = head.get('etag')
  const lastModified = head.get('last-modified')
  const bytes = lengthOf(head)
  const same =
    (etag === undefined || etag === stale.etag) &&
    (lastModified === undefined || lastModified === stale.lastModified) &&
    (bytes < 0 || bytes === stale.body.length)
  if (same) return confirm(store, fetch, stale, head, now).why
  store.remove(fetch.key, stale)
  return 'validator'
}

/** An entry that answers once and is not kept. */
function once(stale: Entry, fields: Headers, askedMs: number, gotMs: number): Entry {
  const bornMs = gotMs - initialAgeMs(fields, askedMs, gotMs)
  const { authorized } = stale
  const never = { lifetimeS: 0, vary: [], authorized, graceS: -1, staleIfErrorS: -1, departs: '' as const }
  return new Entry(stale.status, fields, stale.body, { rules: NO_DIRECTIVES, bornMs, ...never }, gotMs)
}
