// A balancer: which of the upstreams that may be asked is asked next.
import type { Upstream } from '../upstream.ts'

export interface Balancer {
  /** The word in the configuration, and the reason in a verdict. */
  readonly name: string
  /** @param candidates at least one, all available */
  pick(candidates: readonly Upstream[]): Upstream
}
