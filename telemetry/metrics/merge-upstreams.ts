// How the workers together see their upstreams: gauges add up, the worst verdict counts.
import type { UpstreamState } from '../record.ts'

const SEVERITY = { up: 0, out: 1, down: 2 } as const

/** @returns one entry per route and upstream, in order of first appearance */
export function mergeUpstreams(states: readonly UpstreamState[]): UpstreamState[] {
  const merged = new Map<string, UpstreamState>()
  for (const state of states) {
    const key = `${state.route}\n${state.upstream}`
    const known = merged.get(key)
    if (known === undefined) {
      merged.set(key, { ...state })
      continue
    }
    known.inFlight += state.inFlight
    known.connections += state.connections
    if (SEVERITY[state.state] > SEVERITY[known.state]) {
      known.state = state.state
      known.reason = state.reason
    }
    known.outUntilMs = Math.max(known.outUntilMs, state.outUntilMs)
  }
  return [...merged.values()]
}
