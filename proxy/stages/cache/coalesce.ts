// One fetch per key: who comes meanwhile waits a while, and never for an answer that is not for all.
import { LRUCache } from 'lru-cache'
import type { Exchange } from '../../pipeline/exchange.ts'

/** Longest wait for another's fetch. */
export const WAIT_MS = 5000

/**
 * How a fetch ended for those who wait. stored: look again. unstorable: the answer is for its own
 * client. failed: the upstream did. abandoned: the leader left. slow: it takes too long. left: the waiter did.
 */
export type Outcome = 'stored' | 'unstorable' | 'failed' | 'abandoned' | 'slow' | 'left'

/** A fetch under way. */
export class Flight {
  readonly startedMs: number
  #waiters: ((outcome: Outcome) => void)[] | null = null
  settled = false

  constructor(startedMs: number) {
    this.startedMs = startedMs
  }

  /** Resolves when the fetch ends, when `maxMs` are over, or when the waiter's client leaves. */
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

  settle(outcome: Outcome): void {
    if (this.settled) return
    this.settled = true
    if (this.#waiters !== null) for (const tell of this.#waiters) tell(outcome)
    this.#waiters = null
  }
}

/** The fetches under way of one cache; as many as there are requests, so bounded by them. */
export class Flights {
  readonly #byKey = new Map<string, Flight>()

  /** One that is worth waiting for. */
  current(key: string, nowMs: number): Flight | undefined {
    const flight = this.#byKey.get(key)
    return flight !== undefined && nowMs - flight.startedMs < WAIT_MS ? flight : undefined
  }

  begin(key: string, nowMs: number): Flight {
    const flight = new Flight(nowMs)
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

/** Keys whose last answer could not be shared: for a while nobody waits for the next one. */
export class HitForMiss {
  static readonly forMs = 120_000
  static readonly maxKeys = 10_000
  readonly #untilMs = new LRUCache<string, number>({ max: HitForMiss.maxKeys })

  has(key: string, nowMs: number): boolean {
    const untilMs = this.#untilMs.get(key)
    return untilMs !== undefined && untilMs > nowMs
  }

  mark(key: string, nowMs: number): void {
    this.#untilMs.set(key, nowMs + HitForMiss.forMs)
  }

  clear(key: string): void {
    this.#untilMs.delete(key)
  }
}
