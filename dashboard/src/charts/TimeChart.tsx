// A chart over time: stacked areas, stacked bars or lines, with brush, shared crosshair and a readout.
import { useEffect, useRef, useState } from 'react'
import type { TimelineEvent } from '../../../control/admin/contract.ts'
import { useRange } from '../lib/scope.ts'
import { useTheme } from '../lib/theme.ts'
import type { Span } from '../lib/time.ts'
import type { Line } from './lines.ts'
import { PlotHandle } from './PlotHandle.ts'
import { AXIS_WIDTH, type Shape } from './plot.ts'
import { Readout, ReadoutLine } from './Readout.tsx'
import { useWidth } from './useWidth.ts'

interface Props {
  label: string
  lines: readonly Line[]
  times: readonly number[]
  stepMs: number
  span: Span
  shape: Shape
  height: number
  format: (value: number) => string
  events?: readonly TimelineEvent[]
}

const NO_EVENTS: readonly TimelineEvent[] = []

export function TimeChart({
  label,
  lines,
  times,
  stepMs,
  span,
  shape,
  height,
  format,
  events = NO_EVENTS,
}: Props) {
  const host = useRef<HTMLDivElement>(null)
  const handle = useRef(new PlotHandle())
  const width = useWidth(host)
  const [hover, setHover] = useState<{ index: number; left: number } | null>(null)
  const range = useRange()
  const { look } = useTheme()

  useEffect(() => {
    if (host.current === null) return
    handle.current.update(
      host.current,
      { lines, times, stepMs, span, width, look },
      {
        shape,
        height,
        format,
        onBrush: range.brush,
        onUndo: range.unzoom,
        onHover: (index, left) => setHover(index === null || left < 0 ? null : { index, left }),
        marks: () => events,
      },
    )
  })
  useEffect(() => {
    const plot = handle.current
    return () => plot.destroy()
  }, [])

  const at = hover === null ? undefined : times[hover.index]
  return (
    <div className="relative" style={{ height }}>
      <div ref={host} role="img" aria-label={label} className="absolute inset-0" />
      {hover !== null && at !== undefined && (
        <Readout at={at} stepMs={stepMs} left={hover.left + AXIS_WIDTH} width={width} events={events}>
          {lines.toReversed().map(line => (
            <ReadoutLine
              key={line.name}
              line={line}
              value={line.values[hover.index] ?? null}
              format={format}
            />
          ))}
        </Readout>
      )}
    </div>
  )
}
