// One group's upstreams: state, share of the attempts, load, times and failures.
import type { UpstreamRow } from '../../../../control/admin/contract.ts'
import { Sparkline } from '../../charts/Sparkline.tsx'
import { Countdown } from '../../components/Countdown.tsx'
import { FilterValue } from '../../components/FilterValue.tsx'
import { Glyph } from '../../components/Glyph.tsx'
import { SeriesDot } from '../../components/SeriesDot.tsx'
import { UpstreamState } from '../../components/StatusCode.tsx'
import * as format from '../../lib/format.ts'
import { seriesToken } from '../../lib/status.ts'

const HEAD = 'px-3 font-medium whitespace-nowrap max-sm:px-2'
const NUMBER = 'px-3 text-right max-sm:px-2 font-mono whitespace-nowrap'

export function UpstreamTable({ rows }: { rows: UpstreamRow[] }) {
  return (
    <table className="w-full table-fixed text-table">
      <thead className="text-left text-muted">
        <tr className="h-7">
          <th className={`${HEAD} w-[76px] max-sm:w-[64px]`}>State</th>
          <th className={HEAD}>Upstream</th>
          <th className={`${HEAD} w-[152px] max-sm:w-[72px] max-sm:text-right`}>Share</th>
          <th className={`${HEAD} w-[84px] text-right max-sm:hidden`}>In flight</th>
          <th className={`${HEAD} w-[84px] text-right max-md:hidden`}>Sockets</th>
          <th className={`${HEAD} w-[84px] text-right max-md:hidden`}>p50</th>
          <th className={`${HEAD} w-[84px] text-right max-sm:w-[72px]`}>p95</th>
          <th className={`${HEAD} w-[108px] text-right max-sm:hidden`}>Failures</th>
          <th className={`${HEAD} w-[132px] max-lg:hidden`}>Attempts over time</th>
          <th className={`${HEAD} w-[20%] max-lg:hidden`}>Last error</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <Row key={row.upstream} row={row} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ row }: { row: UpstreamRow }) {
  const failed = row.failures > 0
  return (
    <>
      <tr className="h-8 border-t hover:bg-hover">
        <td className="px-3 max-sm:px-2">
          <UpstreamState state={row.state} />
        </td>
        <td className="px-3 max-sm:px-2">
          <span className="flex items-center gap-2">
            <SeriesDot name={row.upstream} />
            <FilterValue field="upstream" value={row.upstream} className="min-w-0 truncate font-mono">
              {row.upstream}
            </FilterValue>
          </span>
        </td>
        <td className="px-3 max-sm:px-2">
          <Share row={row} />
        </td>
        <td className={`${NUMBER} max-sm:hidden`}>{format.formatCount(row.inFlight)}</td>
        <td className={`${NUMBER} max-md:hidden`}>{format.formatCount(row.connections)}</td>
        <td className={`${NUMBER} max-md:hidden`}>{format.formatDuration(row.p50Us)}</td>
        <td className={NUMBER}>{format.formatDuration(row.p95Us)}</td>
        <td
          className={`${NUMBER} max-sm:hidden ${failed ? 'text-error' : 'text-muted'}`}
          title={`${format.formatExact(row.failures)} of ${format.formatExact(row.attempts)} attempts`}
        >
          {failed && (
            <span className="mr-1.5">
              <Glyph shape="square" />
            </span>
          )}
          {format.formatCount(row.failures)}
          {failed && row.attempts > 0 && (
            <span className="ml-1.5 text-muted">{format.formatShare(row.failures / row.attempts)}</span>
          )}
        </td>
        <td className="px-3 max-lg:hidden">
          <Sparkline values={row.trend} token={seriesToken(row.upstream)} width={108} height={18} />
        </td>
        <td className="truncate px-3 text-muted max-lg:hidden" title={row.lastError}>
          {row.lastError || '–'}
        </td>
      </tr>
      {row.state !== 'up' && <Reason row={row} />}
    </>
  )
}

/** Why it is not up, on a line of its own: the most important words of the page. */
function Reason({ row }: { row: UpstreamRow }) {
  return (
    <tr>
      <td />
      <td colSpan={3} className="px-3 pb-2 max-sm:px-2 lg:whitespace-nowrap">
        {row.reason}
        {row.outUntil !== null && (
          <span className="text-muted">
            {' · '}
            asked again in <Countdown until={row.outUntil} />
          </span>
        )}
      </td>
    </tr>
  )
}

function Share({ row }: { row: UpstreamRow }) {
  return (
    <span className="flex items-center justify-end gap-2">
      <span aria-hidden="true" className="h-1.5 flex-1 overflow-hidden rounded-full bg-line max-sm:hidden">
        <span
          className="block h-full rounded-full"
          style={{ width: `${(row.share ?? 0) * 100}%`, background: `var(--${seriesToken(row.upstream)})` }}
        />
      </span>
      <span className="w-14 text-right font-mono">{format.formatShare(row.share)}</span>
    </span>
  )
}
