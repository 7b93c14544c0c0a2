// A route's upstreams: who may be asked, who is picked, who is left out and why.
import { nowMs } from '../lib/clock.ts'
import type { ProxyVersion } from '../lib/proxy-header.ts'
import type { Balancer } from './balancers/balancer.ts'
import type { Telling } from './forwarded.ts'
import { RetryBudget } from './retry.ts'
import type { Transport } from './transport/transport.ts'
import type { Upstream } from './upstream.ts'

/** An upstream, the way to it, and how it learns who asked. */
export interface Member extends Telling {
  readonly upstream: Upstream
  readonly transport: Transport
  /** The PROXY header that opens connections to it; null: none. */
  readonly proxyProtocol: ProxyVersion | null
}

export interface Pick {
  member: Member
  /** The balancer's word, or why it had no say. */
  why: string
  /** Name and word, for the note. */
  said: string
}

export class Group {
  readonly members: readonly Member[]
  readonly balancer: Balancer
  /** In all, the first included. */
  readonly tries: number
  /** An upstream that failed is asked again, whatever the failure, where there is no other. */
  readonly repeats: boolean
  readonly budget = new RetryBudget()
  readonly #byUpstream: Map<Upstream, Member>
  /** Every pick there can be is made once. */
  readonly #picks = new Map<Upstream, Map<string, Pick>>()
  readonly #all: readonly Upstream[]
  /** A single upstream is asked even after failures: there is nobody else. Null: there are more. */
  readonly #only: Pick | null

  /** @param tries `auto`: two, and only the second of them elsewhere where the first was no accident: see retry.ts */
  constructor(members: readonly Member[], balancer: Balancer, tries: number | 'auto') {
    this.members = members
    this.balancer = balancer
    this.tries = tries === 'auto' ? 2 : tries
    this.repeats = tries !== 'auto'
    this.#byUpstream = new Map(members.map(member => [member.upstream, member]))
    this.#all = members.map(member => member.upstream)
    this.#only = members.length === 1 ? this.#found(this.#all[0]!, 'only-one') : null
  }

  /**
   * @param tried upstreams that failed this exchange
   * @param again whether they may be asked again when nobody else is left
   */
  pick(tried: readonly Upstream[], again = true): Pick | undefined {
    const only = this.#only
    if (only !== null)
      return only.member.upstream.downReason === '' && (again || tried.length === 0) ? only : undefined
    const now = nowMs()
    const available = this.#all.filter(upstream => upstream.available(now))
    const fresh = tried.length === 0 ? available : available.filter(upstream => !tried.includes(upstream))
    const candidates = fresh.length > 0 || !again ? fresh : available
    if (candidates.length > 0) return this.#found(this.balancer.pick(candidates), this.balancer.name)
    const ejected = this.#all.filter(upstream => upstream.downReason === '' && !tried.includes(upstream))
    return ejected.length > 0 ? this.#found(this.balancer.pick(ejected), 'all-out') : undefined
  }

  /** Passive ejection; never the last one, never more than half (Defaults of the design). */
  failed(upstream: Upstream, reason: string): number {
    if (!upstream.failed(reason)) return 0
    const now = nowMs()
    const out = this.#all.filter(other => !other.available(now)).length
    return (out + 1) * 2 <= this.#all.length ? upstream.eject(now) : 0
  }

  #found(upstream: Upstream, why: string): Pick {
    let picks = this.#picks.get(upstream)
    if (picks === undefined) this.#picks.set(upstream, (picks = new Map()))
    let pick = picks.get(why)
    if (pick === undefined) {
      pick = { member: this.#byUpstream.get(upstream)!, why, said: `${upstream.name} ${why}` }
      picks.set(why, pick)
    }
    return pick
  }
}
