// How each demo backend behaves: its latency and how it fails. One decision per request, from the seed.
import { createRandom } from './random.ts'

export type BackendName = 'a' | 'b' | 'c'

export interface Mood {
  /** Time to think before the answer, in milliseconds. */
  delayMs: number
  /** A status that replaces the answer, or `cut`: half of the body, then a dead connection. */
  failure?: 500 | 503 | 'cut'
}

interface Profile {
  baseMs: number
  /** Mean of the exponential part on top of the base. */
  spreadMs: number
  errorShare: number
  slowShare: number
  cutShare: number
}

const slowMs = 800

const profiles: Record<BackendName, Profile> = {
  a: { baseMs: 2, spreadMs: 1, errorShare: 0, slowShare: 0, cutShare: 0 },
  b: { baseMs: 9, spreadMs: 3, errorShare: 0, slowShare: 0.001, cutShare: 0 },
  c: { baseMs: 15, spreadMs: 12, errorShare: 0.02, slowShare: 0.012, cutShare: 0.002 },
}

/** Returns a function that gives the mood for the next request of this backend. */
export function createTemperament(name: BackendName, seed: number): () => Mood {
  const random = createRandom(seed * 31 + name.charCodeAt(0))
  const profile = profiles[name]
  return () => {
    const delayMs = profile.baseMs + random.exponential(profile.spreadMs)
    const roll = random.next()
    if (roll < profile.errorShare / 2) return { delayMs, failure: 500 }
    if (roll < profile.errorShare) return { delayMs, failure: 503 }
    if (roll < profile.errorShare + profile.cutShare) return { delayMs, failure: 'cut' }
    if (roll < profile.errorShare + profile.cutShare + profile.slowShare) return { delayMs: delayMs + slowMs }
    return { delayMs }
  }
}
