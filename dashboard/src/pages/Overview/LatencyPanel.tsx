// Latency: the heatmap with p95 over it and a dot for each slow request, or the percentiles as lines.
import { type ReactNode, useMemo, useState } from 'react'
import type { Heatmap, Series } from '../../../../control/admin/contract.ts'
import { isFilterProblem } from '../../api/client.ts'
import { findByTrace, useHeatmap } from '../../api/queries.ts'
import { DataTable, TableToggle } from '../../charts/DataTable.tsx'
import { HeatmapChart } from '../../charts/HeatmapChart.tsx'
import { Legend } from '../../charts/Legend.tsx'
import type { Line } from '../../charts/lines.ts'
import { TimeChart } from '../../charts/TimeChart.tsx'
import { Panel, Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { formatDuration } from '../../lib/format.ts'
import { useScope } from '../../lib/scope.ts'
import { CHART_HEIGHT } from './StatusPanel.tsx'

type View = 'heatmap' | 'lines' | 'table'

function percentiles(series: Series | undefined): Line[] {
  if (series === undefined) return []
  return [
    { name: 'p50', values: series.p50Us, token: 'muted' },
    { name: 'p95', values: series.p95Us, token: 'series-1' },
    { name: 'p99', values: series.p99Us, token: 'series-2' },
  ]
}

export function LatencyPanel({ series }: { series: Series | undefined }) {
  const [view, setView] = useState<View>('heatmap')
  const heatmap = useHeatmap()
  const { go } = useScope()
  const lines = useMemo(() => percentiles(series), [series])
  const open = async ({ traceId, at }: Heatmap['exemplars'][number]) => {
    const id = await findByTrace(traceId, at).catch(() => null)
    if (id === null) go('/requests', { q: `trace:${traceId}` })
    else go(`/requests/${encodeURIComponent(id)}`)
  }
  return (
    <Panel
      title="Latency"
      actions={
        <>
          <Switch view={view} onChange={setView} />
          <TableToggle
            on={view === 'table'}
            onChange={on => setView(on ? 'table' : 'heatmap')}
            of="Latency"
          />
        </>
      }
    >
      {heatmap.error !== null && !isFilterProblem(heatmap.error) && view === 'heatmap' ? (
        <Problem error={heatmap.error} onRetry={() => heatmap.refetch()} />
      ) : (
        <Body {...{ view, series, lines }} heatmap={heatmap.data} onOpen={open} />
      )}
      {view !== 'table' && <Legend lines={view === 'heatmap' ? HEAT_LEGEND : lines} />}
    </Panel>
  )
}

const HEAT_LEGEND: Line[] = [
  { name: 'p95', values: [], token: 'text' },
  { name: 'a slow request', values: [], token: 'accent', glyph: 'ring' },
]

interface BodyProps {
  view: View
  series: Series | undefined
  heatmap: Heatmap | undefined
  lines: Line[]
  onOpen: (exemplar: Heatmap['exemplars'][number]) => void
}

function Body({ view, series, heatmap, lines, onOpen }: BodyProps): ReactNode {
  if (series === undefined || (view === 'heatmap' && heatmap === undefined))
    return <Skeleton className="m-3 h-[136px]" />
  if (view === 'table')
    return (
      <DataTable
        label="Latency"
        times={series.times}
        lines={lines}
        format={formatDuration}
        height={CHART_HEIGHT}
      />
    )
  if (view === 'heatmap' && heatmap !== undefined) {
    return (
      <HeatmapChart
        label="Latency heatmap with the 95th percentile"
        heatmap={heatmap}
        series={series}
        height={CHART_HEIGHT}
        onOpen={onOpen}
      />
    )
  }
  return (
    <TimeChart
      label="Latency percentiles over time"
      lines={lines}
      times={series.times}
      stepMs={series.stepMs}
      span={series.scope}
      shape="line"
      height={CHART_HEIGHT}
      format={formatDuration}
      events={series.events}
    />
  )
}

function Switch({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  return (
    <fieldset className="flex rounded border p-px" aria-label="How latency is drawn">
      {(['heatmap', 'lines'] as const).map(each => (
        <button
          key={each}
          type="button"
          aria-pressed={view === each}
          className={`h-[22px] rounded-[3px] px-2 ${view === each ? 'bg-selected text-text' : 'text-muted hover:text-text'}`}
          onClick={() => onChange(each)}
        >
          {each}
        </button>
      ))}
    </fieldset>
  )
}
