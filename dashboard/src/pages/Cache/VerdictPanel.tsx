// What the cache did over time, and the share that it answered.
import type { UseQueryResult } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Series } from '../../../../control/admin/contract.ts'
import { DataTable, TableToggle } from '../../charts/DataTable.tsx'
import { Legend } from '../../charts/Legend.tsx'
import { type Line, total } from '../../charts/lines.ts'
import { TimeChart } from '../../charts/TimeChart.tsx'
import { Panel, Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { formatCount, formatExact, formatShare } from '../../lib/format.ts'
import { verdictLines } from './verdicts.ts'

const HEIGHT = 160

export function VerdictPanel({ series }: { series: UseQueryResult<Series> }) {
  const { data } = series
  const lines = useMemo(() => (data === undefined ? [] : verdictLines(data)), [data])
  const figures = lines.toReversed().map(line => formatCount(total(line.values)))
  return <Chart title="Verdicts" series={series} lines={lines} shape="area" figures={figures} />
}

export function RatioPanel({ series }: { series: UseQueryResult<Series> }) {
  const { data } = series
  const lines = useMemo<Line[]>(
    () => (data === undefined ? [] : [{ name: 'hit ratio', token: 'hit', values: data.cacheShare }]),
    [data],
  )
  return <Chart title="Hit ratio" series={series} lines={lines} shape="line" share />
}

interface ChartProps {
  title: string
  series: UseQueryResult<Series>
  lines: Line[]
  shape: 'area' | 'line'
  figures?: string[]
  share?: boolean
}

function Chart({ title, series, lines, shape, figures = [], share = false }: ChartProps) {
  const [asTable, setAsTable] = useState(false)
  const { data, error } = series
  const shown = lines.toReversed()
  const format = share ? (value: number) => formatShare(value) : formatCount
  return (
    <Panel title={title} actions={<TableToggle on={asTable} onChange={setAsTable} of={title} />}>
      {data === undefined && error === null && <Skeleton className="m-3 h-[136px]" />}
      {data === undefined && error !== null && <Problem error={error} onRetry={() => series.refetch()} />}
      {data !== undefined && asTable && (
        <DataTable
          label={title}
          times={data.times}
          lines={shown}
          format={share ? format : formatExact}
          height={HEIGHT}
        />
      )}
      {data !== undefined && !asTable && (
        <TimeChart
          label={`${title} over time`}
          lines={lines}
          times={data.times}
          stepMs={data.stepMs}
          span={data.scope}
          shape={shape}
          height={HEIGHT}
          format={format}
          events={data.events}
        />
      )}
      {data !== undefined && !asTable && <Legend lines={shown} figures={figures} />}
    </Panel>
  )
}
