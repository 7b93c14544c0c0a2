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

/** What a request was told: whole milliseconds, rounded up, since nobody is told fractions. */
export interface Allowed {
  readonly allowed: boolean
  readonly remaining: number
  readonly retryAfterMs: number
  readonly resetMs: number
}

interface Allowance {
  tatMs: number
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
  readonly #allowances = new Map<string, Allowance>()
  #hand: MapIterator<[string, Allowance]> | null = null

  constructor(maxKeys = 100_000) {
    this.maxKeys = maxKeys
  }

  get size(): number {
    return this.#allowances.size
  }

  /** @param peek decide without taking */
  take(key: string, nowMs: number, policy: GcraPolicy, peek: boolean): Allowed {
    const kept = this.#allowances.get(key)
    const { allowed, tatMs, remaining, retryAfterMs, resetMs } = gcra(
      kept === undefined ? 0 : kept.tatMs,
      nowMs,
      policy,
    )
    if (allowed && !peek) {
      if (kept === undefined) this.#add(key, tatMs, nowMs)
      else kept.tatMs = tatMs
    }
    return { allowed, remaining, retryAfterMs: Math.ceil(retryAfterMs), resetMs: Math.ceil(resetMs) }
  }

  #add(key: string, tatMs: number, nowMs: number): void {
    this.#makeRoom(nowMs)
    this.#allowances.set(key, { tatMs })
  }

  #makeRoom(nowMs: number): void {
    for (let i = 0; i < SWEEP; i++) {
      const next = this.#advance()
      if (next !== undefined && next[1].tatMs <= nowMs) this.#allowances.delete(next[0])
    }
    if (this.#allowances.size >= this.maxKeys) this.#evict()
  }

  #evict(): void {
    let victim: string | undefined
    let earliest = Number.POSITIVE_INFINITY
    for (let i = 0; i < CANDIDATES; i++) {
      const next = this.#advance()
      if (next === undefined || next[1].tatMs >= earliest) continue
      victim = next[0]
      earliest = next[1].tatMs
    }
    if (victim !== undefined) this.#allowances.delete(victim)
  }

  /** The hand goes round: a map begun anew each time would step over all that was deleted before. */
  #advance(): [string, Allowance] | undefined {
    for (let turn = 0; turn < 2; turn++) {
      this.#hand ??= this.#allowances.entries()
      const next = this.#hand.next()
      if (!next.done) return next.value
      this.#hand = null
    }
    return undefined
  }
}
