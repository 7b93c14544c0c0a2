// Requests by status over time, stacked; marks show reloads and other changes.
import type { UseQueryResult } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Series } from '../../../../control/admin/contract.ts'
import { DataTable, TableToggle } from '../../charts/DataTable.tsx'
import { Legend } from '../../charts/Legend.tsx'
import { total } from '../../charts/lines.ts'
import { TimeChart } from '../../charts/TimeChart.tsx'
import { Panel, Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { formatCount, formatExact } from '../../lib/format.ts'
import { statusLines } from '../../lib/statusLines.ts'

export const CHART_HEIGHT = 160

export function StatusPanel({ series }: { series: UseQueryResult<Series> }) {
  const [asTable, setAsTable] = useState(false)
  const data = series.data
  const lines = useMemo(() => (data === undefined ? [] : statusLines(data)), [data])
  const shown = lines.toReversed()
  return (
    <Panel
      title="Requests by status"
      actions={<TableToggle on={asTable} onChange={setAsTable} of="Requests by status" />}
    >
      {data === undefined && series.error === null && <Skeleton className="m-3 h-[136px]" />}
      {data === undefined && series.error !== null && (
        <Problem error={series.error} onRetry={() => series.refetch()} />
      )}
      {data !== undefined &&
        (asTable ? (
          <DataTable
            label="Requests by status"
            times={data.times}
            lines={shown}
            format={formatExact}
            height={CHART_HEIGHT}
          />
        ) : (
          <TimeChart
            label={`Requests by status: ${shown.map(line => `${line.name} ${total(line.values)}`).join(', ')}`}
            lines={lines}
            times={data.times}
            stepMs={data.stepMs}
            span={data.scope}
            shape="area"
            height={CHART_HEIGHT}
            format={formatCount}
            events={data.events}
          />
        ))}
      {data !== undefined && !asTable && (
        <Legend lines={shown} figures={shown.map(line => formatCount(total(line.values)))} />
      )}
    </Panel>
  )
}
