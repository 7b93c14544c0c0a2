// The routes, the one that costs most first: impact is its rate times its p95.
import type { RouteRow } from '../../../../control/admin/contract.ts'
import { now } from '../../api/clock.ts'
import { Sparkline } from '../../charts/Sparkline.tsx'
import { FilterValue } from '../../components/FilterValue.tsx'
import { Glyph } from '../../components/Glyph.tsx'
import { Panel } from '../../components/Panel.tsx'
import { SeriesDot } from '../../components/SeriesDot.tsx'
import { addChips, chipOf } from '../../lib/filter.ts'
import * as format from '../../lib/format.ts'
import { useScope } from '../../lib/scope.ts'
import { seriesToken } from '../../lib/status.ts'
import { fullTime, relativeTime } from '../../lib/time.ts'

export function byImpact(a: RouteRow, b: RouteRow): number {
  return (
    b.rate * (b.p95Us ?? 0) - a.rate * (a.p95Us ?? 0) || b.rate - a.rate || a.route.localeCompare(b.route)
  )
}

const HEAD = 'px-3 font-medium whitespace-nowrap'
const WITH_GLYPH = 'inline-flex items-center justify-end gap-1.5'
const NUMBER = 'px-3 text-right font-mono whitespace-nowrap'

export function RoutesTable({ rows }: { rows: RouteRow[] }) {
  return (
    <Panel title="Routes" actions={<span className="text-faint max-sm:hidden">by rate × p95</span>}>
      <table className="w-full table-fixed text-table">
        <thead className="text-left text-muted">
          <tr className="h-7">
            <th className={HEAD}>Route</th>
            <th className={`${HEAD} w-[76px] text-right`}>Rate</th>
            <th className={`${HEAD} w-[88px] text-right`}>Errors</th>
            <th className={`${HEAD} w-[92px] text-right max-md:hidden`}>p50</th>
            <th className={`${HEAD} w-[92px] text-right`}>p95</th>
            <th className={`${HEAD} w-[84px] text-right max-sm:hidden`}>Cache</th>
            <th className={`${HEAD} w-[88px] text-right max-lg:hidden`}>Limited</th>
            <th className={`${HEAD} w-[144px] max-md:hidden`}>Requests over time</th>
            <th className={`${HEAD} w-[96px] text-right max-sm:hidden`}>Last seen</th>
          </tr>
        </thead>
        <tbody>
          {rows.toSorted(byImpact).map(row => (
            <Row key={row.route} row={row} />
          ))}
        </tbody>
      </table>
    </Panel>
  )
}

function Row({ row }: { row: RouteRow }) {
  const { go, q } = useScope()
  const route = chipOf('route', row.route)
  const failing = (row.errorShare ?? 0) > 0
  return (
    <tr className="h-7 border-t hover:bg-hover">
      <td className="px-3">
        <span className="flex items-center gap-2">
          <SeriesDot name={row.route} />
          <FilterValue field="route" value={row.route} className="min-w-0 truncate font-mono">
            {row.route}
          </FilterValue>
        </span>
      </td>
      <td className={NUMBER} title={`${format.formatExact(row.requests)} requests`}>
        <button
          type="button"
          className="filterable"
          onClick={() => go('/requests', { q: addChips(q, [route]) })}
        >
          {format.formatRate(row.rate)}
        </button>
      </td>
      <td className={`${NUMBER} ${failing ? 'text-error' : 'text-muted'}`}>
        <FilterValue field="is" value="failed" within={route} className={WITH_GLYPH}>
          {failing && <Glyph shape="square" />}
          {format.formatShare(row.errorShare)}
        </FilterValue>
      </td>
      <td className={`${NUMBER} max-md:hidden`}>{format.formatDuration(row.p50Us)}</td>
      <td className={NUMBER}>{format.formatDuration(row.p95Us)}</td>
      <td className={`${NUMBER} max-sm:hidden`}>
        <FilterValue field="is" value="cached" within={route}>
          {format.formatShare(row.cacheShare)}
        </FilterValue>
      </td>
      <td className={`${NUMBER} max-lg:hidden ${row.limited > 0 ? 'text-limited' : 'text-muted'}`}>
        <FilterValue field="is" value="limited" within={route} className={WITH_GLYPH}>
          {row.limited > 0 && <Glyph shape="hourglass" />}
          {format.formatCount(row.limited)}
        </FilterValue>
      </td>
      <td className="px-3 max-md:hidden">
        <Sparkline values={row.trend} token={seriesToken(row.route)} width={120} height={18} />
      </td>
      <td
        className="px-3 text-right text-muted max-sm:hidden"
        title={row.lastSeen === null ? '' : fullTime(row.lastSeen)}
      >
        {row.lastSeen === null ? '–' : relativeTime(row.lastSeen, now())}
      </td>
    </tr>
  )
}
