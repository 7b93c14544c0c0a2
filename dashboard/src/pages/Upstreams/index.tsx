// Upstreams: for each route's group, who takes which share, who is out, why, and for how long.
import type { UpstreamRow } from '../../../../control/admin/contract.ts'
import { isFilterProblem } from '../../api/client.ts'
import { useUpstreams } from '../../api/queries.ts'
import { Empty, UnreadFilter } from '../../components/Empty.tsx'
import { FilterValue } from '../../components/FilterValue.tsx'
import { Panel, Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { formatCount, formatExact } from '../../lib/format.ts'
import { groupByRoute, type UpstreamGroup } from './groups.ts'
import { UpstreamTable } from './UpstreamTable.tsx'

export default function UpstreamsPage() {
  const { data, error, refetch } = useUpstreams()
  const broken = error !== null && !isFilterProblem(error)
  if (data === undefined) {
    if (error !== null) {
      return (
        <>
          <h1 className="sr-only">Upstreams</h1>
          {broken ? <Problem error={error} onRetry={refetch} /> : <UnreadFilter />}
        </>
      )
    }
    return (
      <div className="mx-auto flex max-w-[1680px] flex-col gap-3 p-3" aria-busy="true">
        <Skeleton className="h-7 w-64" />
        <Skeleton className="h-40" />
        <Skeleton className="h-40" />
      </div>
    )
  }
  const groups = groupByRoute(data)
  return (
    <div className="mx-auto flex max-w-[1680px] flex-col gap-3 p-3">
      {broken && <Problem error={error} onRetry={refetch} className="panel" />}
      <Summary rows={data} />
      {groups.length === 0 && (
        <div className="panel">
          <Empty title="No route has an upstream.">
            <p className="text-muted">
              Add <code className="font-mono">to: [localhost:3000]</code> to a route in the configuration; it
              is read again by itself.
            </p>
          </Empty>
        </div>
      )}
      {groups.map(group => (
        <Group key={group.route} group={group} />
      ))}
    </div>
  )
}

function Summary({ rows: all }: { rows: UpstreamRow[] }) {
  const rows = all.filter(row => row.state !== 'gone')
  const out = rows.filter(row => row.state !== 'up').length
  const inFlight = rows.reduce((sum, row) => sum + row.inFlight, 0)
  return (
    <h1 className="flex flex-wrap items-baseline gap-x-3 px-1 text-[15px] font-semibold">
      {out === 0 ? (
        <span>
          <span className="text-ok">●</span>{' '}
          {rows.length === 1 ? 'The one upstream is' : `All ${rows.length} upstreams are`} up
        </span>
      ) : (
        <span>
          <span className="text-error">■</span> {out} of {rows.length} upstreams {out === 1 ? 'is' : 'are'}{' '}
          not up
        </span>
      )}
      <span className="text-body font-normal text-muted">{formatCount(inFlight)} requests in flight</span>
    </h1>
  )
}

function Group({ group }: { group: UpstreamGroup }) {
  return (
    <Panel
      title={group.route}
      actions={
        <>
          <span className="font-mono text-muted" title={formatExact(group.attempts)}>
            {formatCount(group.attempts)} attempts
          </span>
          <FilterValue field="route" value={group.route} className="text-accent">
            filter by this route
          </FilterValue>
        </>
      }
    >
      <UpstreamTable rows={group.rows} />
    </Panel>
  )
}
