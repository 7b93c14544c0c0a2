// The cache on a request's way: answers what it may, lets the rest through, and takes in what comes back.
import { wallMs } from '../../lib/clock.ts'
import { plainReply } from '../../pipeline/error-reply.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import { type Exchange, fact } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { Now, Stage } from '../../pipeline/stage.ts'
import { answerFrom } from './answer.ts'
import { type Flight, WAIT_MS } from './coalesce.ts'
import type { Entry } from './entry.ts'
import { isFailure, judge, survivesError } from './freshness.ts'
import { primaryKey } from './key.ts'
import { Passage, passage } from './passage.ts'
import { type Asked, readRequest } from './request.ts'
import type { Room } from './room.ts'
import { type Forwarded, forwarded } from './status.ts'
import type { Found } from './store.ts'

/** A request waits for others at most so often: then it goes alone. */
const MAX_WAITS = 2

/** What a head asks of a cache. */
interface Question {
  readonly asked: Asked
  readonly primary: string
}

const question = fact<Question>()

function ask(x: Exchange): Question {
  const asked = readRequest(x)
  return { asked, primary: asked.bypass === '' ? primaryKey(x) : '' }
}

/** A lookup that the cache could not answer. */
interface Look {
  readonly asked: Asked
  readonly primary: string
  readonly found: Found
  readonly fwd: Forwarded
  readonly waits: number
  readonly now: number
}

export class CacheStage implements Stage {
  readonly name = 'cache'
  readonly #room: Room
  readonly #maxObjectBytes: number
  readonly #now: () => number

  /** @param now Unix milliseconds */
  constructor(room: Room, maxObjectBytes: number, now: () => number = wallMs) {
    this.#room = room
    this.#maxObjectBytes = maxObjectBytes
    this.#now = now
  }

  onRequest(x: Exchange): Now<Reply | void> {
    const { asked, primary } = x.fact(question) ?? x.keepFact(question, ask(x))
    if (asked.bypass === '') return this.#look(x, asked, primary, 0, -1)
    return this.#pass(x, new Passage(asked, asked.bypass === 'method' ? 'method' : 'bypass', asked.bypass))
  }

  onReply(x: Exchange, reply: Reply): void {
    const p = x.slot(passage)
    if (p === undefined || p.served) return
    if (x.dry) return
    const now = this.#now()
    if (
      p.stale !== null &&
      isFailure(reply.status) &&
      survivesError(p.stale, now, p.asked.rules) &&
      !p.failed
    ) {
      return this.#room.standIn(x, p, p.stale, reply, now)
    }
    if (p.fwd === 'method') this.#room.invalidate(x, reply)
    if (p.failed || !p.fills) {
      reply.headers.append('cache-status', forwarded(p.fwd, { detail: p.fwd === 'bypass' ? p.detail : '' }))
    } else if (reply.status === 304 && p.confirms) {
      this.#room.confirmed(x, p, reply, this.#now)
    } else {
      this.#room.fill(x, p, reply, this.#maxObjectBytes, this.#now)
    }
  }

  onError(x: Exchange, error: ProxyError): Reply | void {
    const p = x.slot(passage)
    if (p === undefined || p.served) return
    this.#room.settle(p, x.aborted ? 'abandoned' : 'failed')
    const now = this.#now()
    if (p.stale !== null && !x.aborted && survivesError(p.stale, now, p.asked.rules)) {
      // RFC 5861 section 4: the attempts keep the error, the client gets an answer.
      x.error = ''
      x.errorText = ''
      return this.#room.rescue(x, p, p.stale, now, error.type)
    }
    p.failed = true
  }

  onFinish(x: Exchange): void {
    const p = x.slot(passage)
    if (p !== undefined && !p.outlives) this.#room.settle(p, 'abandoned')
  }

  /** @param waitedMs for another's fetch, −1: not */
  #look(x: Exchange, asked: Asked, primary: string, waits: number, waitedMs: number): Now<Reply | void> {
    const now = this.#now()
    const found = this.#room.store.find(primary, x.headers, x.dry)
    const { entry } = found
    if (entry === undefined) {
      // A part is never stored, and to fetch the whole for it could cost gigabytes.
      if (asked.range !== '') return this.#pass(x, new Passage(asked, 'bypass', 'range'))
      return this.#go(x, {
        asked,
        primary,
        found,
        waits,
        now,
        fwd: found.varyMiss ? 'vary-miss' : 'uri-miss',
      })
    }
    // RFC 9111 section 3.5, read the careful way: what was made for anybody may not be what a user should get.
    if (asked.authorized && !entry.sharesAuthorized) {
      return this.#pass(x, new Passage(asked, 'bypass', 'authorization'))
    }
    const use = judge(entry, now, asked.rules)
    if (use === 'fresh') return this.#hit(x, asked, entry, now, waitedMs)
    if (use === 'expired' || use === 'request') {
      const fwd = use === 'request' ? 'request' : 'stale'
      return this.#go(x, { asked, primary, found, waits, now, fwd })
    }
    if (use === 'revalidate-behind' && !x.dry) {
      this.#room.refresh(x, primary, found.key, entry, this.#maxObjectBytes, this.#now)
    }
    x.cache = 'stale'
    x.note('cache', 'stale', entry.ageS(now), entry.ttlS(now))
    return answerFrom(entry, asked, x.method, now)
  }

  #hit(x: Exchange, asked: Asked, entry: Entry, now: number, waitedMs: number): Reply {
    const ttlS = entry.ttlS(now)
    if (waitedMs < 0) {
      x.cache = 'hit'
      x.note('cache', 'hit', entry.ageS(now), ttlS)
      return answerFrom(entry, asked, x.method, now)
    }
    x.cache = 'collapsed'
    x.note('cache', 'collapsed', waitedMs, ttlS)
    return answerFrom(entry, asked, x.method, now, forwarded('uri-miss', { collapsed: true, ttlS }))
  }

  /** To the upstream, unless another fetch of the same is under way. */
  #go(x: Exchange, look: Look): Now<Reply | void> {
    const { asked, found, now } = look
    if (asked.rules.onlyIfCached) return onlyIfCached(x)
    const { flights, passing } = this.#room
    const passes = passing.has(found.key, now)
    const shares = x.method === 'GET' && !asked.authorized && !x.dry && !passes
    const flight = shares ? flights.current(found.key, now) : undefined
    if (flight !== undefined && look.waits < MAX_WAITS) return this.#wait(x, look, flight)
    const p = this.#leave(x, look)
    if (x.dry || x.method !== 'GET') return
    p.fills = true
    if (shares && flight === undefined) p.flight = flights.begin(found.key, now)
    // Where answers are not shared, the client's own conditions still save it the body.
    p.prepare(x, p.stale !== null || !passes)
  }

  #leave(x: Exchange, { asked, primary, found, fwd, now }: Look): Passage {
    const p = new Passage(asked, fwd)
    p.primary = primary
    p.key = found.key
    p.stale = found.entry ?? null
    p.askedMs = now
    p.sequence = this.#room.store.sequence
    x.cache = 'miss'
    x.setSlot(passage, p)
    if (p.stale === null) x.note('cache', fwd === 'vary-miss' ? 'vary-miss' : 'miss')
    else x.note('cache', 'expired', p.stale.ageS(now), p.stale.ttlS(now), fwd === 'request' ? 'request' : '')
    return p
  }

  async #wait(x: Exchange, { asked, primary, waits, now }: Look, flight: Flight): Promise<Reply | void> {
    const outcome = await flight.wait(x, WAIT_MS)
    if (outcome === 'left') throw new ProxyError('client_aborted', 'the client left while it waited')
    const again = outcome === 'stored' || outcome === 'abandoned'
    const waitedMs = Math.round(this.#now() - now)
    return this.#look(x, asked, primary, again ? waits + 1 : MAX_WAITS, waitedMs)
  }

  /** Past the cache: nothing is looked up and nothing stored. */
  #pass(x: Exchange, p: Passage): void {
    x.cache = 'bypass'
    x.note('cache', 'bypass', 0, 0, p.detail)
    x.setSlot(passage, p)
  }
}

/** RFC 9111 section 5.2.1.7. */
function onlyIfCached(x: Exchange): Reply {
  x.cache = 'miss'
  x.note('cache', 'only-if-cached')
  const reply = plainReply(x, 504, 'It is not in the cache, and the request asks for nothing else.')
  reply.headers.append('cache-status', 'oriel; detail=only-if-cached')
  return reply
}
