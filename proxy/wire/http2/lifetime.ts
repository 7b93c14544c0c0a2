// How long an HTTP/2 connection lives: its deadlines, its polite end, its last word.
import type { Socket } from 'node:net'
import type { ClientLimits } from '../../lib/client-limits.ts'
import { nowMs } from '../../lib/clock.ts'
import type { Due } from '../../lib/deadlines.ts'
import { H2 } from '../../lib/http2-codes.ts'
import { goAway, MAX_31, ping } from './frames.ts'
import type { Outbox } from './outbox.ts'
import { patience } from './patience.ts'
import type { Streams } from './streams.ts'

const FOREVER = Number.POSITIVE_INFINITY
/** Eight bytes that come back when the client has read our GOAWAY. */
const FAREWELL = 'farewell'

/** Whose life it is. */
export interface LifetimeOwner {
  readonly streams: Streams
  /** Drop what is only kept for the next request. */
  forget(): void
  /** The client did not say in time what it had begun to say. */
  late(): void
}

export class Lifetime implements Due {
  deadlineMs: number
  readonly #socket: Socket
  readonly #outbox: Outbox
  readonly #limits: ClientLimits
  readonly #owner: LifetimeOwner
  /** `leaving`: the client is told, and may not know it yet; `left`: it gets no new stream; `closing`: we have ended. */
  #state: 'open' | 'leaving' | 'left' | 'closing' = 'open'
  /** Until when the client must have sent its settings, or the rest of a head; have taken something; have asked. */
  #headMs: number
  #stallMs = FOREVER
  #idleMs = FOREVER
  #forgotten = false

  constructor(socket: Socket, outbox: Outbox, limits: ClientLimits, owner: LifetimeOwner) {
    this.#socket = socket
    this.#outbox = outbox
    this.#limits = limits
    this.#owner = owner
    this.#headMs = this.deadlineMs = nowMs() + limits.headMs
  }

  /** Nothing more is read. */
  get over(): boolean {
    return this.#state === 'closing'
  }

  /** New streams come too late. */
  get left(): boolean {
    return this.#state === 'left' || this.#state === 'closing'
  }

  busy(): void {
    this.#forgotten = false
    if (this.#state === 'open') this.#set(this.#headMs, this.#stallMs, FOREVER)
  }

  /** @param atMs monotonic milliseconds */
  idle(atMs: number): void {
    if (this.#state === 'left') this.end()
    else if (this.#state === 'open')
      this.#set(this.#headMs, this.#stallMs, atMs + Math.min(this.#limits.keepAliveMs, patience.memoryMs))
  }

  /** A head, or the client's settings, are to come whole in time. */
  expect(): void {
    if (this.#headMs === FOREVER) this.#set(nowMs() + this.#limits.headMs, this.#stallMs, this.#idleMs)
  }

  /** They have. */
  expectNothing(): void {
    if (this.#headMs !== FOREVER) this.#set(FOREVER, this.#stallMs, this.#idleMs)
  }

  /** @param waits something of ours waits for the client to take it */
  waiting(waits: boolean): void {
    this.#set(this.#headMs, waits ? nowMs() + patience.stallMs : FOREVER, this.#idleMs)
  }

  /** Told so that it may stop asking; what it asks before it knows is answered (RFC 9113 section 6.8). */
  drain(): void {
    if (this.#state !== 'open') return
    this.#state = 'leaving'
    this.#outbox.add(goAway(MAX_31, H2.NO_ERROR) + ping(0, FAREWELL))
    this.#set(this.#headMs, this.#stallMs, nowMs() + patience.lastCallMs)
  }

  /** It has read what we sent before our PING, or says itself that it opens no more streams. */
  leave(): void {
    if (this.left) return
    this.#state = 'left'
    this.#set(this.#headMs, this.#stallMs, FOREVER)
    this.#outbox.add(goAway(this.#owner.streams.lastId, H2.NO_ERROR))
    if (this.#owner.streams.open === 0) this.end()
  }

  /** Our PING came back. */
  answered(): void {
    if (this.#state === 'leaving') this.leave()
  }

  /** An error of the connection (RFC 9113 section 5.4.1). */
  fail(code: number): void {
    if (this.over) return
    this.#outbox.add(goAway(this.#owner.streams.lastId, code))
    this.end()
  }

  /** Our side ends; the client's last bytes are taken so that it does not lose our last word to a reset. */
  end(): void {
    if (this.over) return
    this.#state = 'closing'
    this.#outbox.flush()
    this.#socket.end()
    this.#set(FOREVER, FOREVER, nowMs() + patience.lingerMs)
  }

  cut(): void {
    this.#socket.destroy()
  }

  onDeadline(): void {
    const now = nowMs()
    if (now >= this.#stallMs) this.cut()
    else if (now >= this.#headMs) this.#owner.late()
    else if (now >= this.#idleMs) this.#idled(now)
    else this.#set(this.#headMs, this.#stallMs, this.#idleMs)
  }

  #idled(now: number): void {
    const more = this.#limits.keepAliveMs - patience.memoryMs
    if (this.#state === 'closing') this.cut()
    else if (this.#state === 'leaving') this.leave()
    else if (this.#forgotten || more <= 0) this.drain()
    else {
      this.#forgotten = true
      this.#owner.forget()
      this.#set(this.#headMs, this.#stallMs, now + more)
    }
  }

  #set(headMs: number, stallMs: number, idleMs: number): void {
    this.#headMs = headMs
    this.#stallMs = stallMs
    this.#idleMs = idleMs
    this.deadlineMs = Math.min(headMs, stallMs, idleMs)
  }
}
