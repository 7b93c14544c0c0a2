// Overview: whether the gate is well, what is wrong, and the way to the request that proves it.

import { isFilterProblem } from '../../api/client.ts'
import { useOverview, useSeries } from '../../api/queries.ts'
import { NoRequests, UnreadFilter } from '../../components/Empty.tsx'
import { Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { Changes } from './Changes.tsx'
import { Figures } from './Figures.tsx'
import { LatencyPanel } from './LatencyPanel.tsx'
import { RoutesTable } from './RoutesTable.tsx'
import { StatusPanel } from './StatusPanel.tsx'
import { UpstreamTiles } from './UpstreamTiles.tsx'

export default function OverviewPage() {
  const overview = useOverview()
  const series = useSeries('status')
  const data = overview.data
  if (data === undefined) {
    const { error, refetch } = overview
    return (
      <>
        <h1 className="sr-only">Overview</h1>
        {error === null && <FirstLoad />}
        {isFilterProblem(error) && <UnreadFilter />}
        {error !== null && !isFilterProblem(error) && <Problem error={error} onRetry={refetch} />}
      </>
    )
  }
  return (
    <div className="mx-auto flex max-w-[1680px] flex-col gap-3 p-3">
      <h1 className="sr-only">Overview</h1>
      {overview.error !== null && !isFilterProblem(overview.error) && (
        <div className="panel">
          <Problem error={overview.error} onRetry={() => overview.refetch()} />
        </div>
      )}
      <Figures overview={data} series={series.data} />
      {data.now.requests === 0 ? (
        <div className="panel">
          <NoRequests />
        </div>
      ) : (
        <div className="grid gap-3 md:grid-cols-2">
          <StatusPanel series={series} />
          <LatencyPanel series={series.data} />
        </div>
      )}
      {data.routes.length > 0 && <RoutesTable rows={data.routes} />}
      <div className="grid gap-3 lg:grid-cols-[2fr_1fr]">
        <UpstreamTiles rows={data.upstreams} />
        <Changes events={data.events} />
      </div>
    </div>
  )
}

function FirstLoad() {
  return (
    <div className="mx-auto flex max-w-[1680px] flex-col gap-3 p-3" aria-busy="true">
      <Skeleton className="h-[92px] max-sm:h-[368px]" />
      <div className="grid gap-3 md:grid-cols-2">
        <Skeleton className="h-[198px]" />
        <Skeleton className="h-[198px]" />
      </div>
      <Skeleton className="h-[180px]" />
    </div>
  )
}
