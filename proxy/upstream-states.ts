// How each upstream of each route looks from this worker.
import type { UpstreamState } from '../telemetry/record.ts'
import type { Group } from './upstream/group.ts'

export function upstreamStates(groups: ReadonlyMap<string, Group>): UpstreamState[] {
  const states: UpstreamState[] = []
  for (const [route, group] of groups) {
    for (const { upstream, transport } of group.members) {
      const { inFlight, name } = upstream
      states.push({
        route,
        upstream: name,
        ...upstream.describe(),
        inFlight,
        connections: transport.connections(),
      })
    }
  }
  return states
}
