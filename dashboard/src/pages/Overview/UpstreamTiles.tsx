// The upstreams that matter now: the ones that are not well first, then the busiest.
import type { UpstreamRow } from '../../../../control/admin/contract.ts'
import { Countdown } from '../../components/Countdown.tsx'
import { FilterValue } from '../../components/FilterValue.tsx'
import { Panel } from '../../components/Panel.tsx'
import { UpstreamState } from '../../components/StatusCode.tsx'
import { formatDuration, formatShare } from '../../lib/format.ts'
import { useScope } from '../../lib/scope.ts'

const SHOWN = 8
const WORST_FIRST = { down: 0, out: 1, up: 2, gone: 3 }

export function UpstreamTiles({ rows: all }: { rows: UpstreamRow[] }) {
  const { go } = useScope()
  const rows = all.filter(row => row.state !== 'gone')
  const sorted = rows.toSorted(
    (a, b) => WORST_FIRST[a.state] - WORST_FIRST[b.state] || b.attempts - a.attempts,
  )
  const shown = sorted.slice(0, SHOWN)
  return (
    <Panel
      title="Upstreams"
      actions={
        <button type="button" className="filterable text-accent" onClick={() => go('/upstreams')}>
          All {rows.length > SHOWN ? rows.length : ''} upstreams
        </button>
      }
    >
      {rows.length === 0 && (
        <p className="px-3 pb-3 text-muted">
          No route has an upstream: give one a `to` in the configuration.
        </p>
      )}
      <ul className="grid overflow-hidden border-t sm:grid-cols-2 2xl:grid-cols-3">
        {shown.map(row => (
          <li
            key={`${row.route} ${row.upstream}`}
            className="-mt-px -ml-px flex min-w-0 flex-col gap-0.5 border-t border-l px-3 py-2 text-table"
          >
            <span className="flex items-center gap-2">
              <UpstreamState state={row.state} />
              <FilterValue field="upstream" value={row.upstream} className="min-w-0 truncate font-mono">
                {row.upstream}
              </FilterValue>
              <span className="ml-auto font-mono">{formatShare(row.share)}</span>
              <span className="w-16 text-right font-mono" title="p95">
                {formatDuration(row.p95Us)}
              </span>
            </span>
            <span className="truncate text-muted" title={row.reason === '' ? row.route : row.reason}>
              {row.state === 'up' ? row.route : row.reason}
              {row.outUntil !== null && (
                <>
                  {' · back in '}
                  <Countdown until={row.outUntil} />
                </>
              )}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
