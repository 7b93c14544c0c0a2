// Upstreams that go out or come back, as events of the timeline: noticed in what the workers report.
import type { UpstreamState } from '../telemetry/record.ts'
import type { TimelineEvent } from './admin/contract.ts'

export class UpstreamEvents {
  #last = new Map<string, UpstreamState>()

  /** @param states merged over the workers @returns what changed since the last call */
  changes(states: readonly UpstreamState[], nowMs: number): TimelineEvent[] {
    const now = new Map(states.map(state => [JSON.stringify([state.route, state.upstream]), state]))
    const events: TimelineEvent[] = []
    for (const [key, state] of now) {
      const before = this.#last.get(key)?.state ?? 'up'
      if (before === state.state) continue
      events.push({ at: nowMs, kind: 'upstream', text: sentence(state), until: null })
    }
    this.#last = now
    return events
  }
}

function sentence({ route, upstream, state, reason }: UpstreamState): string {
  if (state === 'up') return `${upstream} takes requests of ${route} again.`
  return `${upstream} of ${route} is ${state === 'out' ? 'ejected' : 'down'}${reason === '' ? '.' : `: ${reason}`}`
}
