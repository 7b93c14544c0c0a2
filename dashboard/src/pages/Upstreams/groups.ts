// The rows as groups: routes with something wrong first, and in each the same order as in the configuration.
import type { UpstreamRow } from '../../../../control/admin/contract.ts'

export interface UpstreamGroup {
  route: string
  rows: UpstreamRow[]
  attempts: number
  /** Upstreams that are not up. */
  out: number
}

export function groupByRoute(rows: readonly UpstreamRow[]): UpstreamGroup[] {
  const groups = new Map<string, UpstreamGroup>()
  for (const row of rows) {
    const group = groups.get(row.route) ?? { route: row.route, rows: [], attempts: 0, out: 0 }
    // What is no longer configured has figures, but no say in how the route is now.
    if (row.state === 'gone') group.rows.push(row)
    else group.rows.splice(group.rows.findLastIndex(other => other.state !== 'gone') + 1, 0, row)
    group.attempts += row.attempts
    if (row.state === 'out' || row.state === 'down') group.out++
    groups.set(row.route, group)
  }
  return [...groups.values()].toSorted((a, b) => b.out - a.out || b.attempts - a.attempts)
}
