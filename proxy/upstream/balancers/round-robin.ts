// Round robin: each in turn.
import type { Upstream } from '../upstream.ts'
import type { Balancer } from './balancer.ts'

export class RoundRobin implements Balancer {
  readonly name = 'round-robin'
  #next = 0

  pick(candidates: readonly Upstream[]): Upstream {
    const upstream = candidates[this.#next % candidates.length]!
    this.#next = (this.#next + 1) % Number.MAX_SAFE_INTEGER
    return upstream
  }
}
