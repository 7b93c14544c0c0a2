// One fetch per key: who comes meanwhile waits a while, and never for an answer that is not for all.
import { LRUCache } from 'lru-cache'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Entry } from './entry.ts'
import type { SharedBody } from './shared-body.ts'

/** Longest wait for another's fetch to bring a head. */
export const WAIT_MS = 5000

/**
 * How a fetch went for those who wait. stored: look again. flowing: it is for all, and can be read as it
 * comes. unstorable: the answer is for its own client. failed: the upstream did. abandoned: the leader
 * left. slow: it takes too long. left: the waiter did.
 */
export type Outcome = 'stored' | 'flowing' | 'unstorable' | 'failed' | 'abandoned' | 'slow' | 'left'

/** An answer that is for all, on its way. */
export interface Stream {
  readonly leader: Exchange
  /** Whose body is not whole yet; made for the first who asks. */
  readonly head: () => Entry
  /** What it varies by. */
  readonly vary: readonly string[]
  readonly body: SharedBody
}

/** A fetch under way. */
export class Flight {
  readonly primary: string
  readonly startedMs: number
  /** Invalidations seen when it began. */
  readonly sequence: number
  /** Null: there is no head yet, or it must not be shared before its end. */
  stream: Stream | null = null
  #waiters: ((outcome: Outcome) => void)[] | null = null
  settled = false

  constructor(primary: string, startedMs: number, sequence: number) {
    this.primary = primary
    this.startedMs = startedMs
    this.sequence = sequence
  }

  /** Resolves when the fetch has more to say, when `maxMs` are over, or when the waiter's client leaves. */
  wait(x: Exchange, maxMs: number): Promise<Outcome> {
    return new Promise(resolve => {
      const timer = setTimeout(() => done('slow'), maxMs)
      const done = (outcome: Outcome) => {
        clearTimeout(timer)
        x.work = null
        resolve(outcome)
      }
      x.work = { abandoned: () => done('left') }
      this.#waiters ??= []
      this.#waiters.push(done)
    })
  }

  /** From now on it can be read as it comes. */
  flows(stream: Stream): void {
    if (this.settled) return
    this.stream = stream
    this.#tell('flowing')
  }

  settle(outcome: Outcome): void {
    if (this.settled) return
    this.settled = true
    this.#tell(outcome)
  }

  #tell(outcome: Outcome): void {
    const waiters = this.#waiters
    this.#waiters = null
    if (waiters !== null) for (const tell of waiters) tell(outcome)
  }
}

/** The fetches under way of one cache; as many as there are requests, so bounded by them. */
export class Flights {
  readonly #byKey = new Map<string, Flight>()

  /** One that is worth waiting for: its head has come, or may still come in time. */
  current(key: string, nowMs: number): Flight | undefined {
    const flight = this.#byKey.get(key)
    if (flight === undefined) return undefined
    return flight.stream !== null || nowMs - flight.startedMs < WAIT_MS ? flight : undefined
  }

  begin(key: string, flight: Flight): Flight {
    this.#byKey.set(key, flight)
    return flight
  }

  settle(key: string, flight: Flight, outcome: Outcome): void {
    if (this.#byKey.get(key) === flight) this.#byKey.delete(key)
    flight.settle(outcome)
  }

  get size(): number {
    return this.#byKey.size
  }
}

/** Keys of which something has been learnt that holds for a while. */
export class Markers {
  static readonly forMs = 120_000
  static readonly maxKeys = 10_000
  readonly #untilMs = new LRUCache<string, number>({ max: Markers.maxKeys })

  has(key: string, nowMs: number): boolean {
    return this.until(key, nowMs) > 0
  }

  /** @returns until when it is marked, Unix milliseconds; 0: it is not */
  until(key: string, nowMs: number): number {
    const untilMs = this.#untilMs.get(key) ?? 0
    return untilMs > nowMs ? untilMs : 0
  }

  mark(key: string, nowMs: number): void {
    this.#untilMs.set(key, nowMs + Markers.forMs)
  }

  clear(key: string): void {
    this.#untilMs.delete(key)
  }
}
