// What the cached routes of a worker share: the store, the fetches under way, and what is done with answers.

import { wallMs } from '../../lib/clock.ts'
import { parseHttpDate } from '../../lib/http-date.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import { type Absorption, absorb, type Fetch } from './absorb.ts'
import { answerFrom, replaceReply } from './answer.ts'
import { isChance } from './behind.ts'
import { Flights, Markers, type Outcome } from './coalesce.ts'
import { isUnchanged, notModifiedHead } from './conditional.ts'
import { confirm, confirmByHead } from './confirm.ts'
import { DiskTier } from './disk/tier.ts'
import { EncodedLooks } from './encoded-looks.ts'
import type { Entry } from './entry.ts'
import { primaryKey, relatedKey } from './key.ts'
import { knownRefusal, refusedStatus, rememberRefusal } from './known-refusal.ts'
import type { Passage } from './passage.ts'
import type { Purge } from './purge/purge.ts'
import { Reflections } from './reflection.ts'
import { forwarded, keyText } from './status.ts'
import type { NotStored } from './storable.ts'
import { CacheStore } from './store.ts'
import { withhold } from './withheld.ts'

/** RFC 9110 section 9.2.1 and the registry of methods: what these do changes nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'SEARCH', 'PROPFIND', 'REPORT', 'PRI'])

export class Room {
  readonly store = new CacheStore()
  readonly flights = new Flights()
  /** Hit-for-miss: keys whose last answer could not be shared. For a while nobody waits for the next one. */
  readonly passing = new Markers()
  /** URLs of which parts were asked for and the whole is known to be small. */
  readonly small = new Markers()
  readonly reflections = new Reflections()

  constructor() {
    // It may be on disk already, and in another worker's memory.
    this.store.encoded = new EncodedLooks(({ primary, route }, field) => {
      this.store.invalidate(primary)
      this.reflections.add(route, field)
    })
  }

  /** Joins the disk tier that all workers share. @param socketPath where its keeper listens */
  attach(socketPath: string): void {
    const { store } = this
    store.tier ??= new DiskTier(socketPath, {
      invalidated: primary => store.invalidateHere(primary),
      used: () => store.takeUsed(),
    })
  }

  /** @param epoch its number, rising */
  purge(epoch: number, purge: Purge): { count: number; idents: number[] } {
    const { tier } = this.store
    if (tier !== null) tier.epoch = Math.max(tier.epoch, epoch)
    return this.store.purge(purge, wallMs())
  }

  /** No route has a cache any more. */
  close(): void {
    this.store.tier?.close()
    this.store.tier = null
  }

  settle(p: Passage, outcome: Outcome): void {
    if (p.flight === null) return
    this.flights.settle(p.flightKey, p.flight, outcome)
    p.flight = null
  }

  /** A whole answer: stored as it flows to the client, where it may be. */
  fill(x: Exchange, p: Passage, reply: Reply, nowMs: number, now: () => number): void {
    const known = knownRefusal(reply, p)
    if (known !== '') this.#notStored(x, p, known, reply.status, nowMs)
    const taken = known === '' ? this.#absorbed(x, p, reply, nowMs, now) : null
    const why = taken === null ? known : taken.why
    const cacheStatus =
      why === ''
        ? forwarded(p.fwd, { stored: true, ttlS: taken!.ttlS, key: keyText(p.key) })
        : refusedStatus(x, p, why)
    withhold(reply.headers)
    reply.headers.extend('cache-status', cacheStatus)
    const body = taken?.body ?? null
    const entry = taken?.entry ?? null
    if (body !== null) this.#share(x, p, taken!)
    if (answersCondition(p, reply)) {
      p.outlives = body !== null
      const rest = reply.take()
      reply.status = 304
      reply.headers = notModifiedHead(reply.headers.flat)
      reply.body = null
      if (body !== null) body.drain()
      else if (rest !== null && !Buffer.isBuffer(rest)) rest.cancel()
    } else if (entry !== null && p.asked.range !== '') {
      // The whole was fetched in place of what had been stored: the client gets its part.
      replaceReply(reply, answerFrom(entry, p.asked, x.method, nowMs, cacheStatus))
    }
  }

  #absorbed(x: Exchange, p: Passage, reply: Reply, nowMs: number, now: () => number): Absorption {
    const { status } = reply
    const taken = absorb(this.store, fetchOf(x, p), reply, now, (entry, why, field) => {
      if (entry !== null) {
        x.note('cache', 'stored', entry.ttlS(now()), entry.body.length)
        this.passing.clear(p.key)
        return this.settle(p, 'stored')
      }
      if (field !== '') this.#reflected(x, field)
      this.#notStored(x, p, why as NotStored, status, now())
    })
    if (taken.why !== '') rememberRefusal(reply, p, taken.why, nowMs)
    return taken
  }

  /** The upstream says that what is stored still holds. */
  confirmed(x: Exchange, p: Passage, reply: Reply, now: () => number): void {
    const { entry, why } = confirm(this.store, fetchOf(x, p), p.stale!, reply.headers, now)
    const ttlS = entry.ttlS(now())
    x.cache = 'revalidated'
    x.note('cache', 'revalidated', ttlS)
    if (why !== '') x.note('cache', 'not-stored', 0, 0, why)
    this.settle(p, why === '' ? 'stored' : 'unstorable')
    const stored = why === ''
    const status = forwarded(p.fwd, { fwdStatus: 304, ttlS, stored, key: keyText(p.key), detail: why })
    replaceReply(reply, answerFrom(entry, p.asked, x.method, now(), status))
    // What only this client may see of the 304: see `confirm`.
    withhold(reply.headers)
  }

  /** An answer to HEAD speaks of what GET stored, too (RFC 9111 section 4.3.5). */
  headed(x: Exchange, p: Passage, reply: Reply, now: () => number): void {
    let detail = ''
    if (reply.status === 200 && p.stale!.status === 200) {
      detail = confirmByHead(this.store, fetchOf(x, p), p.stale!, reply.headers, now)
      x.note('cache', detail === '' ? 'freshened' : 'out-of-date', 0, 0, detail)
    }
    reply.headers.append('cache-status', forwarded(p.fwd, { key: keyText(p.key), detail }))
    withhold(reply.headers)
  }

  /** RFC 5861 section 4, where the upstream answers with a failure. */
  standIn(x: Exchange, p: Passage, stale: Entry, reply: Reply, now: number, because: string): void {
    this.settle(p, 'failed')
    const { status } = reply
    x.answeredBy = 'cache'
    replaceReply(reply, this.rescue(x, p, stale, now, because, String(status), status))
  }

  /** RFC 5861 section 4: the old answer instead of none. @param because what allows it */
  rescue(
    x: Exchange,
    p: Passage,
    stale: Entry,
    now: number,
    because: string,
    why: string,
    fwdStatus = 0,
  ): Reply {
    p.served = true
    x.cache = 'stale'
    x.note('cache', 'stale', stale.ageS(now), stale.ttlS(now), why)
    const ttlS = stale.ttlS(now)
    const status = forwarded(p.fwd, { fwdStatus, ttlS, key: stale.keyText, detail: because })
    return answerFrom(stale, p.asked, x.method, now, status)
  }

  /** RFC 9111 section 4.4: an unsafe method that succeeded makes what is stored here invalid. */
  invalidate(x: Exchange, p: Passage, reply: Reply): void {
    if (SAFE.has(x.method) || reply.status < 200 || reply.status >= 400) return
    const { key } = p.policy
    const keys = [primaryKey(x, key)]
    for (const name of ['location', 'content-location']) {
      const reference = reply.headers.get(name)
      const related = reference === undefined ? undefined : relatedKey(x, reference, key)
      if (related !== undefined) keys.push(related)
    }
    let dropped = 0
    for (const key of keys) if (this.store.invalidate(key)) dropped++
    if (dropped > 0) x.note('cache', 'invalidated', dropped)
  }

  /** Who waits gets it as it comes, as soon as nothing in its beginning can speak against that. */
  #share(x: Exchange, p: Passage, { body, head, vary }: Absorption): void {
    p.body = body
    const { flight } = p
    if (flight === null) return
    let made: Entry | undefined
    const flow = () => flight.flows({ leader: x, vary, body: body!, head: () => (made ??= head()) })
    if (body!.fill.clear) flow()
    else body!.fill.onClear = flow
  }

  #reflected(x: Exchange, field: string): void {
    x.note('cache', 'reflected', 0, 0, field)
    this.reflections.add(x.pipeline?.route ?? '', field)
  }

  #notStored(x: Exchange, p: Passage, why: NotStored, status: number, now: number): void {
    x.note('cache', 'not-stored', 0, 0, why)
    if (!isChance(why) && status < 500) {
      if (p.stale !== null) this.store.remove(p.key, p.stale)
      if (!p.asked.authorized && now > p.passesUntilMs - Markers.forMs / 2) this.passing.mark(p.key, now)
    }
    this.settle(p, why === 'incomplete' ? 'abandoned' : 'unstorable')
  }
}

/** The client's own condition was not sent upstream: it is held against the whole answer here. */
function answersCondition({ asked }: Passage, { status, headers }: Reply): boolean {
  if (status !== 200 || (asked.ifNoneMatch === '' && asked.ifModifiedSince === '')) return false
  const modifiedMs = parseHttpDate(headers.get('last-modified') ?? '')
  return isUnchanged(
    { etag: headers.get('etag') ?? '', modifiedMs },
    asked.ifNoneMatch,
    asked.ifModifiedSince,
  )
}

function fetchOf(x: Exchange, p: Passage): Fetch {
  const { primary, key, askedMs, sequence, asked, policy, needles } = p
  return {
    primary,
    key,
    headers: x.headers,
    authorized: asked.authorized,
    askedMs,
    sequence,
    policy,
    needles,
  }
}
