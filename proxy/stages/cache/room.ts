// What the cached routes of a worker share: the store, the fetches under way, and what is done with answers.

import { Headers } from '../../lib/headers.ts'
import { parseHttpDate } from '../../lib/http-date.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import { absorb, confirm, type Fetch } from './absorb.ts'
import { answerFrom, replaceReply } from './answer.ts'
import { detached } from './background.ts'
import { Flights, HitForMiss, type Outcome } from './coalesce.ts'
import { askWith, isUnchanged, notModifiedHead } from './conditional.ts'
import type { Entry } from './entry.ts'
import { drain } from './fill.ts'
import { isFailure } from './freshness.ts'
import { primaryKey, relatedKey } from './key.ts'
import { forShared, type Passage } from './passage.ts'
import { forwarded } from './status.ts'
import type { NotStored } from './storable.ts'
import { CacheStore } from './store.ts'

/** Chances of one fetch: the next answer may well be stored. */
const PASSING_FAULTS = new Set<NotStored>(['incomplete', 'memory', 'invalidated'])
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

export class Room {
  readonly store = new CacheStore()
  readonly flights = new Flights()
  readonly passing = new HitForMiss()

  settle(p: Passage, outcome: Outcome): void {
    if (p.flight === null) return
    this.flights.settle(p.key, p.flight, outcome)
    p.flight = null
  }

  /** A whole answer: stored as it flows to the client, where it may be. */
  fill(x: Exchange, p: Passage, reply: Reply, maxObjectBytes: number, now: () => number): void {
    const { status } = reply
    const { tap, why, ttlS } = absorb(
      this.store,
      fetchOf(x, p),
      reply,
      maxObjectBytes,
      now,
      (entry, reason) => {
        if (entry !== null) {
          x.note('cache', 'stored', entry.ttlS(now()), entry.body.length)
          this.passing.clear(p.key)
          return this.settle(p, 'stored')
        }
        x.note('cache', 'not-stored', 0, 0, reason)
        this.#notStored(p, reason as NotStored, status, now())
      },
    )
    const told = tap === null ? { detail: why } : { stored: true, ttlS }
    reply.headers.append('cache-status', forwarded(p.fwd, told))
    if (this.#answersCondition(p, reply)) {
      p.outlives = tap !== null
      const body = reply.take()
      reply.status = 304
      reply.headers = notModifiedHead(reply.headers.flat)
      reply.body = null
      if (tap !== null) drain(body, tap)
      else if (body !== null && !Buffer.isBuffer(body)) body.cancel()
    } else if (tap !== null) {
      reply.tap(tap)
    }
  }

  /** The upstream says that what is stored still holds. */
  confirmed(x: Exchange, p: Passage, reply: Reply, now: () => number): void {
    const { entry, why } = confirm(this.store, fetchOf(x, p), p.stale!, reply.headers, now)
    const ttlS = entry.ttlS(now())
    x.cache = 'revalidated'
    x.note('cache', 'revalidated', ttlS)
    if (why !== '') x.note('cache', 'not-stored', 0, 0, why)
    this.settle(p, why === '' ? 'stored' : 'unstorable')
    const status = forwarded(p.fwd, { fwdStatus: 304, ttlS, stored: why === '', detail: why })
    replaceReply(reply, answerFrom(entry, p.asked, x.method, now(), status))
  }

  /** RFC 5861 section 4, where the upstream answers with a failure. */
  standIn(x: Exchange, p: Passage, stale: Entry, reply: Reply, now: number): void {
    this.settle(p, 'failed')
    const { status } = reply
    x.answeredBy = 'cache'
    replaceReply(reply, this.rescue(x, p, stale, now, String(status), status))
  }

  /** RFC 5861 section 4: the old answer instead of none. */
  rescue(x: Exchange, p: Passage, stale: Entry, now: number, why: string, fwdStatus = 0): Reply {
    p.served = true
    x.cache = 'stale'
    x.note('cache', 'stale', stale.ageS(now), stale.ttlS(now), why)
    const ttlS = stale.ttlS(now)
    const status = forwarded(p.fwd, { fwdStatus, ttlS, detail: 'stale-if-error' })
    return answerFrom(stale, p.asked, x.method, now, status)
  }

  /** RFC 9111 section 4.4: an unsafe method that succeeded makes what is stored here invalid. */
  invalidate(x: Exchange, reply: Reply): void {
    if (SAFE.has(x.method) || reply.status < 200 || reply.status >= 400) return
    const keys = [primaryKey(x)]
    for (const name of ['location', 'content-location']) {
      const reference = reply.headers.get(name)
      const key = reference === undefined ? undefined : relatedKey(x, reference)
      if (key !== undefined) keys.push(key)
    }
    let dropped = 0
    for (const key of keys) if (this.store.invalidate(key)) dropped++
    if (dropped > 0) x.note('cache', 'invalidated', dropped)
  }

  /** RFC 5861 section 3: asks again behind the client's back, once at a time for each entry. */
  refresh(
    x: Exchange,
    primary: string,
    key: string,
    entry: Entry,
    maxObjectBytes: number,
    now: () => number,
  ): void {
    if (entry.refreshing) return
    entry.refreshing = true
    const headers = new Headers(forShared(x.headers, true))
    const fetch: Fetch = {
      primary,
      key,
      headers: x.headers.clone(),
      authorized: x.headers.has('authorization'),
      askedMs: now(),
      sequence: this.store.sequence,
    }
    askWith(headers, entry.etag, entry.lastModified)
    x.pipeline!.forward(detached(x, headers), {
      replied: (_, reply) => this.#refreshed(fetch, entry, reply, maxObjectBytes, now),
      failed: () => {
        entry.refreshing = false
      },
    })
  }

  #refreshed(fetch: Fetch, entry: Entry, reply: Reply, maxObjectBytes: number, now: () => number): void {
    const again = () => {
      entry.refreshing = false
    }
    if (reply.status === 304) {
      confirm(this.store, fetch, entry, reply.headers, now)
      reply.discard()
      return again()
    }
    if (isFailure(reply.status)) {
      reply.discard()
      return again()
    }
    const { tap } = absorb(this.store, fetch, reply, maxObjectBytes, now, again)
    if (tap !== null) return drain(reply.take(), tap)
    // RFC 9111 section 4.3.3: the new answer stands in the old one's place, and it is not to be stored.
    this.store.remove(fetch.key, entry)
    reply.discard()
  }

  #notStored(p: Passage, why: NotStored, status: number, now: number): void {
    if (!PASSING_FAULTS.has(why) && status < 500) {
      if (p.stale !== null) this.store.remove(p.key, p.stale)
      if (!p.asked.authorized) this.passing.mark(p.key, now)
    }
    this.settle(p, why === 'incomplete' ? 'abandoned' : 'unstorable')
  }

  /** The client's own condition was not sent upstream: it is held against the whole answer here. */
  #answersCondition({ asked }: Passage, { status, headers }: Reply): boolean {
    if (status !== 200 || (asked.ifNoneMatch === '' && asked.ifModifiedSince === '')) return false
    const modifiedMs = parseHttpDate(headers.get('last-modified') ?? '')
    return isUnchanged(
      { etag: headers.get('etag') ?? '', modifiedMs },
      asked.ifNoneMatch,
      asked.ifModifiedSince,
    )
  }
}

function fetchOf(x: Exchange, p: Passage): Fetch {
  const { primary, key, askedMs, sequence, asked } = p
  return { primary, key, headers: x.headers, authorized: asked.authorized, askedMs, sequence }
}
