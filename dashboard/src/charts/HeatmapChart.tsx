// The latency heatmap: drag to zoom, double-click to go back, a dot opens the request behind it.
import { type PointerEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { Heatmap, Series } from '../../../control/admin/contract.ts'
import { formatCount, formatDuration } from '../lib/format.ts'
import { useRange } from '../lib/scope.ts'
import { useTheme } from '../lib/theme.ts'
import { drawHeatmap, exemplarAt, heatGeometry } from './drawHeatmap.ts'
import { bucketAt } from './lines.ts'
import { AXIS_WIDTH } from './plot.ts'
import { Readout } from './Readout.tsx'
import { useWidth } from './useWidth.ts'

interface Props {
  label: string
  heatmap: Heatmap
  series: Series
  height: number
  onOpen: (exemplar: Heatmap['exemplars'][number]) => void
}

interface Pointer {
  x: number
  y: number
}

export function HeatmapChart({ label, heatmap, series, height, onOpen }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const width = useWidth(host)
  const { look } = useTheme()
  const range = useRange()
  const [pointer, setPointer] = useState<Pointer | null>(null)
  const [start, setStart] = useState<number | null>(null)
  const geometry = useMemo(() => heatGeometry(heatmap, width, height), [heatmap, width, height])
  const hovered = pointer === null ? -1 : exemplarAt(heatmap, geometry, pointer.x, pointer.y)
  const dot = heatmap.exemplars[hovered]

  useEffect(() => {
    if (canvas.current === null || width === 0) return
    const { times, stepMs, p95Us } = series
    drawHeatmap(canvas.current, heatmap, geometry, { times, stepMs, p95Us, hovered, look })
  }, [heatmap, series, geometry, hovered, width, look])

  const place = (event: PointerEvent): Pointer => {
    const box = event.currentTarget.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const release = (event: PointerEvent) => {
    const end = place(event)
    if (start !== null && Math.abs(end.x - start) > 4) {
      range.brush(geometry.at(Math.min(start, end.x)), geometry.at(Math.max(start, end.x)))
    } else if (dot !== undefined) onOpen(dot)
    setStart(null)
  }
  return (
    <div ref={host} className="relative" style={{ height }}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        className="absolute inset-0 size-full touch-pan-y"
        style={{ cursor: dot === undefined ? 'crosshair' : 'pointer' }}
        onPointerDown={event => setStart(Math.max(AXIS_WIDTH, place(event).x))}
        onPointerMove={event => setPointer(place(event))}
        onPointerUp={release}
        onPointerLeave={() => {
          setPointer(null)
          setStart(null)
        }}
        onDoubleClick={range.unzoom}
      />
      {start !== null && pointer !== null && (
        <div
          className="u-select pointer-events-none absolute top-2 bottom-[22px]"
          style={{ left: Math.min(start, pointer.x), width: Math.abs(pointer.x - start) }}
        />
      )}
      {pointer !== null && start === null && (
        <HeatReadout {...{ heatmap, series, pointer, width, dot }} at={geometry.at(pointer.x)} />
      )}
    </div>
  )
}

interface ReadoutProps {
  heatmap: Heatmap
  series: Series
  pointer: Pointer
  width: number
  at: number
  dot: Heatmap['exemplars'][number] | undefined
}

function HeatReadout({ heatmap, series, pointer, width, at, dot }: ReadoutProps) {
  const column = bucketAt(heatmap.times, heatmap.stepMs, at)
  if (column === -1) return null
  let requests = 0
  for (const row of heatmap.counts) requests += row[column] ?? 0
  const p95 = series.p95Us[bucketAt(series.times, series.stepMs, at)] ?? null
  return (
    <Readout
      at={heatmap.times[column]!}
      stepMs={heatmap.stepMs}
      left={pointer.x}
      width={width}
      events={series.events}
    >
      <div className="font-mono">{formatCount(requests)} requests</div>
      <div className="font-mono">p95 {formatDuration(p95)}</div>
      {dot !== undefined && (
        <div className="text-accent">◉ open the one of {formatDuration(dot.durationUs)}</div>
      )}
    </Readout>
  )
}
