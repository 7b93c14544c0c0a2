// Requests over time above the list: drag to narrow the range.
import { useMemo } from 'react'
import type { ExchangePage } from '../../../../control/admin/contract.ts'
import { DataTable } from '../../charts/DataTable.tsx'
import { TimeChart } from '../../charts/TimeChart.tsx'
import { formatCount, formatExact } from '../../lib/format.ts'
import { STATUS_LOOK } from '../../lib/status.ts'
import type { Span } from '../../lib/time.ts'

const HEIGHT = 84

export function Histogram({
  histogram,
  span,
  asTable,
}: {
  histogram: ExchangePage['histogram']
  span: Span
  asTable: boolean
}) {
  const lines = useMemo(
    () => [
      { ...STATUS_LOOK.server, name: '5xx', values: histogram.server },
      { ...STATUS_LOOK.client, name: '4xx', values: histogram.client },
      { ...STATUS_LOOK.ok, name: '2xx, 3xx', values: histogram.ok },
    ],
    [histogram],
  )
  if (asTable)
    return (
      <DataTable
        label="Requests over time"
        times={histogram.times}
        lines={lines.toReversed()}
        format={formatExact}
        height={HEIGHT * 2}
      />
    )
  return (
    <TimeChart
      label="Requests over time"
      lines={lines}
      times={histogram.times}
      stepMs={histogram.stepMs}
      span={span}
      shape="bars"
      height={HEIGHT}
      format={formatCount}
    />
  )
}
