// The cache on a request's way: answers what it may, lets the rest through, and takes in what comes back.
import { wallMs, wallOfMs } from '../../lib/clock.ts'
import { fact } from '../../lib/fact.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import { type Exchange, slot } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { Now, Stage } from '../../pipeline/stage.ts'
import { answerFrom } from './answer.ts'
import { fetchWhole, isChance, type Place, refresh } from './behind.ts'
import { Flight, WAIT_MS } from './coalesce.ts'
import type { Entry } from './entry.ts'
import { isFailure, judge, survivesError, type Use } from './freshness.ts'
import { primaryKey } from './key.ts'
import { flightKeyOf, type Look, leave, onlyIfCached, passBy } from './look.ts'
import { promoted, seenOnDisk } from './on-disk-look.ts'
import { learnSize } from './parts.ts'
import { passage } from './passage.ts'
import type { Policy } from './policy.ts'
import { type Asked, readRequest } from './request.ts'
import type { Room } from './room.ts'
import { type Forwarded, forwarded, hit } from './status.ts'
import type { Found } from './store.ts'
import { variantSuffix } from './vary.ts'
import { withhold } from './withheld.ts'

/** A request waits for others at most so often: then it goes alone. */
const MAX_WAITS = 2

/** What a head asks of a cache. */
interface Question {
  readonly asked: Asked
  readonly primary: string
}

const question = fact<Question>()
/** Of a request that waited: why it could not be answered before. */
const lacking = slot<Forwarded>()

export class CacheStage implements Stage {
  readonly name = 'cache'
  readonly #room: Room
  readonly #policy: Policy
  readonly #now: () => number

  /** @param now Unix milliseconds */
  constructor(room: Room, policy: Policy, now: () => number = wallMs) {
    this.#room = room
    this.#policy = policy
    this.#now = now
  }

  onRequest(x: Exchange): Now<Reply | void> {
    const { asked, primary } = x.fact(question) ?? x.keepFact(question, this.#ask(x))
    if (asked.bypass === '') return this.#look(x, asked, primary, 0, -1)
    return passBy(x, asked, this.#policy, '', asked.bypass)
  }

  onReply(x: Exchange, reply: Reply): void {
    const p = x.slot(passage)
    if (p === undefined || p.served) return
    if (x.dry) return
    const now = this.#at(x)
    if (p.stale !== null && isFailure(reply.status) && !p.failed) {
      const because = survivesError(p.stale, now, p.asked.rules)
      if (because !== '') return this.#room.standIn(x, p, p.stale, reply, now, because)
    }
    if (p.fwd === 'method') this.#room.invalidate(x, p, reply)
    if (p.stale !== null && x.method === 'HEAD' && !p.failed) {
      this.#room.headed(x, p, reply, this.#now)
    } else if (p.failed || !p.fills) {
      if (p.detail === 'range') learnSize(x, p, reply, this.#room.small, now)
      // A rule of the route's own is named to those who run it.
      const detail = p.detail.startsWith('rule:') ? 'rule' : p.detail
      reply.headers.append('cache-status', forwarded(p.fwd, { detail: p.fwd === 'bypass' ? detail : '' }))
      withhold(reply.headers)
    } else if (reply.status === 304 && p.confirms) {
      this.#room.confirmed(x, p, reply, this.#now)
    } else {
      this.#room.fill(x, p, reply, now, this.#now)
    }
  }

  onError(x: Exchange, error: ProxyError): Reply | void {
    const p = x.slot(passage)
    if (p === undefined || p.served) return
    this.#room.settle(p, x.aborted ? 'abandoned' : 'failed')
    p.failed = true
    if (p.stale === null || x.aborted) return
    const now = this.#now()
    const because = survivesError(p.stale, now, p.asked.rules)
    if (because === '') return
    // RFC 5861 section 4: the attempts keep the error, the client gets an answer.
    x.error = ''
    x.errorText = ''
    return this.#room.rescue(x, p, p.stale, now, because, error.type)
  }

  onFinish(x: Exchange): void {
    const p = x.slot(passage)
    if (p === undefined || p.outlives || p.body?.goesOn) return
    this.#room.settle(p, 'abandoned')
  }

  /** The time of the event that is under way, Unix milliseconds. */
  #at(x: Exchange): number {
    return this.#now === wallMs ? wallOfMs(x.atMs) : this.#now()
  }

  #ask(x: Exchange): Question {
    const asked = readRequest(x, this.#policy)
    return { asked, primary: asked.bypass === '' ? primaryKey(x, this.#policy.key) : '' }
  }

  /** @param waitedMs for another's fetch, −1: not */
  #look(
    x: Exchange,
    asked: Asked,
    primary: string,
    waits: number,
    waitedMs: number,
    disk = true,
    known?: Found,
  ): Now<Reply | void> {
    const now = this.#at(x)
    const found = known ?? this.#room.store.find(primary, x.headers, x.dry)
    const { entry } = found
    if (entry === undefined) {
      if (disk && this.#room.store.mayBeOnDisk(primary)) {
        const again = (seen: Found | void) => {
          x.touch()
          return this.#look(x, asked, primary, waits, waitedMs, false, seen || undefined)
        }
        const asksDisk = x.dry ? seenOnDisk : promoted
        return asksDisk(x, this.#room.store, primary, this.#now).then(again)
      }
      const fwd = found.varyMiss ? 'vary-miss' : 'uri-miss'
      const look = {
        asked,
        primary,
        found,
        waits,
        now,
        fwd,
        flightKey: flightKeyOf(x, primary, found, this.#policy),
      } as const
      return asked.range === '' || asked.rules.onlyIfCached ? this.#go(x, look) : this.#part(x, look)
    }
    // RFC 9111 section 3.5, read the careful way: what was made for anybody may not be what a user should get.
    if (asked.authorized && !entry.sharesAuthorized) {
      if (asked.rules.onlyIfCached) return onlyIfCached(x)
      return passBy(x, asked, this.#policy, '', 'authorization')
    }
    const use = judge(entry, now, asked.rules)
    if (use === 'fresh') return this.#hit(x, asked, entry, now, waitedMs)
    if (use === 'expired' || use === 'request') {
      const fwd = use === 'request' ? 'request' : 'stale'
      return this.#go(x, { asked, primary, found, waits, now, fwd, flightKey: found.key })
    }
    if (use !== 'stale' && !x.dry) refresh(x, this.#place(primary, found.key), entry)
    x.cache = 'stale'
    x.note('cache', 'stale', entry.ageS(now), entry.ttlS(now))
    return answerFrom(entry, asked, x.method, now, hit(entry.ttlS(now), entry.keyText, STALE[use]))
  }

  #hit(x: Exchange, asked: Asked, entry: Entry, now: number, waitedMs: number): Reply {
    const ttlS = entry.ttlS(now)
    if (waitedMs < 0) {
      x.cache = 'hit'
      x.note('cache', 'hit', entry.ageS(now), ttlS)
      return answerFrom(entry, asked, x.method, now)
    }
    return this.#collapsed(x, asked, entry, now, waitedMs)
  }

  /** Another request's fetch brought the answer. */
  #collapsed(x: Exchange, asked: Asked, entry: Entry, now: number, waitedMs: number): Reply {
    const ttlS = entry.ttlS(now)
    x.cache = 'collapsed'
    x.note('cache', 'collapsed', waitedMs, ttlS)
    const told = { collapsed: true, ttlS, key: entry.keyText }
    return answerFrom(entry, asked, x.method, now, forwarded(x.slot(lacking) ?? 'uri-miss', told))
  }

  /** To the upstream, unless another fetch of the same is under way. */
  #go(x: Exchange, look: Look): Now<Reply | void> {
    const { asked, found, now, primary, flightKey } = look
    if (asked.rules.onlyIfCached) return onlyIfCached(x)
    const { flights, passing, store } = this.#room
    const passesUntilMs = passing.until(found.key, now)
    const passes = passesUntilMs > 0
    // What is asked about each time is not waited for: each of those who wait would have to ask, too.
    const shares = x.method === 'GET' && !asked.authorized && !x.dry && !passes && !found.entry?.noCache
    const flight = shares ? this.#underWay(look) : undefined
    if (flight !== undefined && look.waits < MAX_WAITS) return this.#wait(x, look, flight)
    const p = leave(x, look, this.#policy, store.sequence)
    if (x.dry) return
    p.passesUntilMs = passesUntilMs
    if (x.method !== 'GET') {
      if (p.stale !== null) p.prepare(x, true)
      return
    }
    p.fills = true
    if (shares && flight === undefined)
      p.flight = flights.begin(flightKey, new Flight(primary, now, store.sequence))
    // Where answers are not shared, the client's own conditions still save it the body.
    p.prepare(x, p.stale !== null || !passes)
  }

  /** What was invalidated since a fetch began must not come to those who ask after that. */
  #underWay({ flightKey, now }: Look): Flight | undefined {
    const { flights, store } = this.#room
    const flight = flights.current(flightKey, now)
    return flight === undefined || store.outdated(flight.primary, flight.sequence) ? undefined : flight
  }

  /**
   * A part of what is not here. It is never stored, and to fetch the whole for it could cost gigabytes: only a
   * whole that is known to be small is fetched, behind the client's back, and the part cut from it.
   */
  #part(x: Exchange, look: Look): Now<Reply | void> {
    const { asked, primary, found, waits, now, flightKey } = look
    const { flights, small, passing, store } = this.#room
    const mayFetch =
      waits === 0 && !x.dry && x.method === 'GET' && !asked.authorized && !passing.has(found.key, now)
    let flight = mayFetch ? this.#underWay(look) : undefined
    if (flight === undefined && mayFetch && small.has(primary, now)) {
      const begun = flights.begin(flightKey, new Flight(primary, now, store.sequence))
      flight = begun
      fetchWhole(x, this.#place(primary, found.key), why => {
        if (why !== '') small.clear(primary)
        if (why !== '' && why !== 'failed' && !isChance(why)) passing.mark(found.key, this.#now())
        flights.settle(flightKey, begun, why === '' ? 'stored' : 'unstorable')
      })
      if (begun.settled) return this.#look(x, asked, primary, 1, 0)
    }
    return flight === undefined
      ? passBy(x, asked, this.#policy, primary, 'range')
      : this.#wait(x, look, flight)
  }

  #wait(x: Exchange, look: Look, flight: Flight): Now<Reply | void> {
    x.setSlot(lacking, look.fwd)
    return flight.stream !== null && look.asked.range === ''
      ? this.#join(x, look, flight, 0)
      : this.#waitFor(x, look, flight)
  }

  async #waitFor(x: Exchange, look: Look, flight: Flight): Promise<Reply | void> {
    const { asked, primary, waits, now } = look
    // Until 5 s after it was asked there may be a head; a part waits for the whole.
    const leftMs = flight.stream === null ? flight.startedMs + WAIT_MS - now : WAIT_MS
    const outcome = await flight.wait(x, Math.max(1, leftMs))
    x.touch()
    if (outcome === 'left') throw new ProxyError('client_aborted', 'the client left while it waited')
    const waitedMs = Math.round(this.#now() - now)
    if (outcome === 'flowing' && !flight.settled)
      return asked.range === '' ? this.#join(x, look, flight, waitedMs) : this.#waitFor(x, look, flight)
    const again = outcome === 'stored' || outcome === 'flowing' || outcome === 'abandoned'
    return this.#look(x, asked, primary, again ? waits + 1 : MAX_WAITS, waitedMs)
  }

  /** Reads along what another request's fetch brings. */
  #join(x: Exchange, look: Look, flight: Flight, waitedMs: number): Now<Reply | void> {
    const { head, vary, body, leader } = flight.stream!
    const { asked, primary, waits } = look
    // RFC 9111 section 4.1: another variant is waited for by those who want that.
    const suffix = variantSuffix(vary, x.headers)
    if (suffix !== variantSuffix(vary, leader.headers)) {
      return this.#go(x, { ...look, flightKey: `${primary}\n?${suffix}`, waits: waits + 1, fwd: 'vary-miss' })
    }
    const now = this.#now()
    const entry = head()
    if (!body.fill.clear || judge(entry, now, asked.rules) !== 'fresh')
      return this.#go(x, { ...look, waits: MAX_WAITS })
    entry.key = look.found.key
    const reply = this.#collapsed(x, asked, entry, now, waitedMs)
    if (reply.status === entry.status) reply.body = body.reader(leader)
    return reply
  }

  #place(primary: string, key: string): Place {
    return { store: this.#room.store, policy: this.#policy, primary, key, now: this.#now }
  }
}

/** What allows a stale answer, as Cache-Status says it. */
const STALE: Partial<Record<Use, string>> = {
  stale: 'max-stale',
  'revalidate-behind': 'stale-while-revalidate',
  grace: 'grace',
}
