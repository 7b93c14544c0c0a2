// Cache: what it answered, what it holds and may be purged of, and what keeps the rest out.

import { useCacheAdvice } from '../../api/cache.ts'
import { isFilterProblem } from '../../api/client.ts'
import { useSeries, useStatus } from '../../api/queries.ts'
import { UnreadFilter } from '../../components/Empty.tsx'
import { Advisor } from './Advisor.tsx'
import { Explorer } from './Explorer.tsx'
import { Figures } from './Figures.tsx'
import { RatioPanel, VerdictPanel } from './VerdictPanel.tsx'

export default function CachePage() {
  const series = useSeries('cache')
  const advice = useCacheAdvice()
  const status = useStatus()
  const disk = status.data?.cache.disk
  const unread = isFilterProblem(series.error) || isFilterProblem(advice.error)
  return (
    <div className="mx-auto flex max-w-[1680px] flex-col gap-3 p-3">
      <h1 className="sr-only">Cache</h1>
      {disk != null && disk.down !== '' && (
        <p role="alert" className="panel px-3 py-2">
          <span className="font-medium text-error">■ {disk.down}</span>{' '}
          <span className="text-muted">It is tried again by itself; memory goes on.</span>
        </p>
      )}
      <Figures routes={advice.data?.routes ?? []} disk={disk} />
      {unread ? (
        <div className="panel">
          <UnreadFilter />
        </div>
      ) : (
        <>
          <div className="grid gap-3 md:grid-cols-2">
            <VerdictPanel series={series} />
            <RatioPanel series={series} />
          </div>
          <Advisor advice={advice} />
        </>
      )}
      <Explorer />
    </div>
  )
}
