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
    group.rows.push(row)
    group.attempts += row.attempts
    if (row.state !== 'up') group.out++
    groups.set(row.route, group)
  }
  return [...groups.values()].toSorted((a, b) => b.out - a.out || b.attempts - a.attempts)
}
