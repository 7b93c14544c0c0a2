// A small seeded random source: the demo must misbehave in the same way for the same seed.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** Whole number from 0 up to, not including, `below`. */
  below(below: number): number
  /** True with the given probability. */
  chance(probability: number): boolean
  /** Exponentially distributed with the given mean. */
  exponential(mean: number): number
}

/** Mulberry32: 32 bits of state, enough for traffic, never for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return {
    next,
    below: limit => Math.floor(next() * limit),
    chance: probability => next() < probability,
    exponential: mean => -Math.log(1 - next()) * mean,
  }
}
