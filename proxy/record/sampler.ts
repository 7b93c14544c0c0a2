// Which exchanges are kept as rows: all below the budget, above it what is telling, and one of n of the rest.
import type { KeepReason } from '../../telemetry/record.ts'
import { nowMs } from '../lib/clock.ts'

/** What the decision rests on. */
export interface Telling {
  failed: boolean
  slow: boolean
  limited: boolean
  retried: boolean
  /** Nothing of this kind was kept lately. */
  rare: boolean
}

export interface Kept {
  reason: KeepReason
  /** How many exchanges the row stands for. */
  weight: number
}

/** Telling rows may exceed the budget this many times; an outage must not fill the disk either. */
const HEADROOM = 4

export class Sampler {
  readonly #perSecond: number
  #windowStartMs = 0
  #seen = 0
  #kept = 0
  #every = 1
  #skipped = 0

  /** @param perSecond this worker's share of the row budget */
  constructor(perSecond: number) {
    this.#perSecond = Math.max(1, perSecond)
  }

  /** @returns undefined: counted, but not kept as a row */
  decide(telling: Telling, now = nowMs()): Kept | undefined {
    if (now - this.#windowStartMs >= 1000) this.#turn(now)
    this.#seen++
    const why = reasonOf(telling)
    if (this.#every === 1 && this.#kept < this.#perSecond) return this.#keep(why ?? 'budget', 1)
    if (why !== undefined && this.#kept < this.#perSecond * HEADROOM) return this.#keep(why, 1)
    // In the second the budget is first passed, the rest of it is thinned as if it went on at this rate.
    const every = Math.max(this.#every, 2 + Math.floor(this.#seen / this.#perSecond))
    if (++this.#skipped % every !== 0 || this.#kept >= this.#perSecond * HEADROOM) return undefined
    return this.#keep('sampled', every)
  }

  #keep(reason: KeepReason, weight: number): Kept {
    this.#kept++
    return { reason, weight }
  }

  #turn(now: number): void {
    const seconds = Math.max(1, (now - this.#windowStartMs) / 1000)
    this.#every = Math.max(1, Math.ceil(this.#seen / seconds / this.#perSecond))
    this.#windowStartMs = now
    this.#seen = 0
    this.#kept = 0
  }
}

function reasonOf(telling: Telling): KeepReason | undefined {
  if (telling.failed) return 'error'
  if (telling.limited) return 'limited'
  if (telling.retried) return 'retried'
  if (telling.slow) return 'slow'
  return telling.rare ? 'rare' : undefined
}
