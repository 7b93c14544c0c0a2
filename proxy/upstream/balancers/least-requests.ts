// Least requests: the one with the fewest in flight; among equals, each in turn.
import type { Upstream } from '../upstream.ts'
import type { Balancer } from './balancer.ts'

export class LeastRequests implements Balancer {
  readonly name = 'least-requests'
  #start = 0

  pick(candidates: readonly Upstream[]): Upstream {
    const { length } = candidates
    this.#start = (this.#start + 1) % length
    let best = candidates[this.#start]!
    for (let i = 1; i < length; i++) {
      const other = candidates[(this.#start + i) % length]!
      if (other.inFlight < best.inFlight) best = other
    }
    return best
  }
}
