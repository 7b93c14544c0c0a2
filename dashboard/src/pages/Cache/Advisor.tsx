// The advisor: per route, what went on to the upstream and could have stayed, and the one reason for most of it.
import type { UseQueryResult } from '@tanstack/react-query'
import type { CacheAdvice, CacheAdvicePage } from '../../../../control/admin/contract-cache.ts'
import { Empty } from '../../components/Empty.tsx'
import { FilterValue } from '../../components/FilterValue.tsx'
import { Panel, Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { SeriesDot } from '../../components/SeriesDot.tsx'
import { formatBytes, formatCount, formatExact, formatShare } from '../../lib/format.ts'

const HEAD = 'px-3 font-medium whitespace-nowrap'
const NUMBER = 'px-3 text-right font-mono whitespace-nowrap align-top py-1.5'

export function Advisor({ advice }: { advice: UseQueryResult<CacheAdvicePage> }) {
  const { data, error, refetch } = advice
  return (
    <Panel
      title="Advisor"
      actions={<span className="text-faint max-sm:hidden">most requests past the cache first</span>}
    >
      {data === undefined && error === null && <Skeleton className="m-3 h-20" />}
      {data === undefined && error !== null && <Problem error={error} onRetry={() => refetch()} />}
      {data !== undefined && data.routes.length === 0 && (
        <Empty title="No request in this range.">
          <p className="text-muted">With traffic, each route stands here with what keeps its answers out.</p>
        </Empty>
      )}
      {data !== undefined && data.routes.length > 0 && (
        <table className="w-full table-fixed text-table">
          <thead className="text-left text-muted">
            <tr className="h-7">
              <th className={HEAD}>Route</th>
              <th className={`${HEAD} w-[92px] text-right max-sm:hidden`}>Answered</th>
              <th className={`${HEAD} w-[108px] text-right`}>Could have</th>
              <th className={`${HEAD} w-[92px] text-right max-md:hidden`}>Bytes</th>
              <th className={`${HEAD} w-[44%] max-md:hidden`}>Why not</th>
            </tr>
          </thead>
          <tbody>
            {data.routes.map(route => (
              <Row key={route.route} advice={route} />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  )
}

function Row({ advice }: { advice: CacheAdvice }) {
  const { route, requests, cached, missed, missedBytes } = advice
  const share = requests === 0 ? null : missed / requests
  return (
    <>
      <tr className="border-t hover:bg-hover">
        <td className="px-3 py-1.5 align-top">
          <span className="flex items-center gap-2">
            <SeriesDot name={route} />
            <FilterValue field="route" value={route} className="min-w-0 truncate font-mono">
              {route}
            </FilterValue>
          </span>
        </td>
        <td
          className={`${NUMBER} max-sm:hidden`}
          title={`${formatExact(cached)} of ${formatExact(requests)}`}
        >
          {formatShare(requests === 0 ? null : cached / requests)}
        </td>
        <td className={NUMBER} title={`${formatExact(missed)} of ${formatExact(requests)} requests`}>
          {formatShare(share)}
          <span className="block text-axis text-faint">{formatCount(missed)}</span>
        </td>
        <td className={`${NUMBER} max-md:hidden`}>{formatBytes(missedBytes)}</td>
        <td className="px-3 py-1.5 align-top max-md:hidden">
          <Why advice={advice} />
        </td>
      </tr>
      <tr className="md:hidden">
        <td colSpan={3} className="px-3 pb-2">
          <Why advice={advice} />
        </td>
      </tr>
    </>
  )
}

function Why({ advice: { missed, sentence, reasonShare, hint } }: { advice: CacheAdvice }) {
  if (missed === 0) return <span className="text-muted">All that could be was answered here.</span>
  if (sentence === '')
    return <span className="text-muted">No row of them was kept: the reason is not known.</span>
  return (
    <>
      <span>
        {sentence}
        {reasonShare !== null && <span className="text-muted"> {formatShare(reasonShare)} of them.</span>}
      </span>
      {hint !== '' && <span className="block text-muted">{hint}</span>}
    </>
  )
}
