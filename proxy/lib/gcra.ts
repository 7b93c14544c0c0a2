// The generic cell rate algorithm: one number per key decides a rate limit with a burst.

/** A limit: one request each `intervalMs` on average, `burst` of them at once. */
export interface GcraPolicy {
  readonly intervalMs: number
  readonly burst: number
}

export interface GcraDecision {
  readonly allowed: boolean
  /** Theoretical arrival time to keep for the key: when its allowance is whole again, milliseconds. */
  readonly tatMs: number
  /** Requests that would still pass at this moment. */
  readonly remaining: number
  /** Until one more request passes; 0 when allowed. */
  readonly retryAfterMs: number
  /** Until the allowance is whole. */
  readonly resetMs: number
}

/**
 * One request at `nowMs` against what is kept for its key. Pure.
 * @param tatMs what the last decision said to keep; 0 for a new key
 */
export function gcra(tatMs: number, nowMs: number, { intervalMs, burst }: GcraPolicy): GcraDecision {
  const wholeMs = intervalMs * burst
  // A policy that has become tighter since must not lock a client out for longer than its own burst.
  const fromMs = Math.min(Math.max(tatMs, nowMs), nowMs + wholeMs)
  const nextMs = fromMs + intervalMs
  const earlyMs = nextMs - wholeMs - nowMs
  // Times are sums of fractions: a nanosecond is no reason to refuse.
  if (earlyMs > 1e-6) {
    return { allowed: false, tatMs: fromMs, remaining: 0, retryAfterMs: earlyMs, resetMs: fromMs - nowMs }
  }
  const remaining = Math.floor(-earlyMs / intervalMs + 1e-6)
  return { allowed: true, tatMs: nextMs, remaining, retryAfterMs: 0, resetMs: nextMs - nowMs }
}

/** How many entries an insertion looks at to find dead ones: two, so that the dead go faster than new ones come. */
const SWEEP = 2
/** How many entries compete for eviction when the store is full. */
const CANDIDATES = 8

/**
 * What GCRA keeps, bounded. A key whose time has passed is the same as an absent one, so dead entries
 * go as new ones come, without a timer; when all are alive the one closest to its end goes.
 */
export class GcraStore {
  readonly maxKeys: number
  readonly #tats = new Map<string, number>()
  #hand: MapIterator<[string, number]> | null = null

  constructor(maxKeys = 100_000) {
    this.maxKeys = maxKeys
  }

  get size(): number {
    return this.#tats.size
  }

  /** @param peek decide without taking */
  take(key: string, nowMs: number, policy: GcraPolicy, peek: boolean): GcraDecision {
    const kept = this.#tats.get(key)
    const decision = gcra(kept ?? 0, nowMs, policy)
    if (peek || !decision.allowed) return decision
    if (kept === undefined) this.#makeRoom(nowMs)
    this.#tats.set(key, decision.tatMs)
    return decision
  }

  #makeRoom(nowMs: number): void {
    for (let i = 0; i < SWEEP; i++) {
      const next = this.#advance()
      if (next !== undefined && next[1] <= nowMs) this.#tats.delete(next[0])
    }
    if (this.#tats.size >= this.maxKeys) this.#evict()
  }

  #evict(): void {
    let victim: string | undefined
    let earliest = Number.POSITIVE_INFINITY
    for (let i = 0; i < CANDIDATES; i++) {
      const next = this.#advance()
      if (next === undefined || next[1] >= earliest) continue
      ;[victim, earliest] = next
    }
    if (victim !== undefined) this.#tats.delete(victim)
  }

  /** The hand goes round: a map begun anew each time would step over all that was deleted before. */
  #advance(): [string, number] | undefined {
    for (let turn = 0; turn < 2; turn++) {
      this.#hand ??= this.#tats.entries()
      const next = this.#hand.next()
      if (!next.done) return next.value
      this.#hand = null
    }
    return undefined
  }
}
