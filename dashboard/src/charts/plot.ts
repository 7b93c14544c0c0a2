// The options of a uPlot in our look: hairlines, 11 px axes, no decoration; brush on drag.
import type uPlot from 'uplot'
import { trimZeros } from '../lib/format.ts'
import { clock, day } from '../lib/time.ts'
import { hatching, tokenColor, translucent } from './colors.ts'
import type { Line } from './lines.ts'

export type Shape = 'area' | 'line' | 'bars'

export interface PlotSpec {
  shape: Shape
  height: number
  format: (value: number) => string
  onBrush: (from: number, to: number) => void
  onUndo: () => void
  onHover: (index: number | null, left: number) => void
  /** Vertical marks. */
  marks: () => readonly { at: number; until: number | null }[]
}

export const AXIS_FONT = '11px "Geist Mono Variable", monospace'
/** What is as it should be stays pale beside what is not. */
const QUIET = new Set(['ok', 'redirect'])
/** Room for the labels left of a plot. */
export const AXIS_WIDTH = 58
const SYNC = 'time'

function axes(spec: PlotSpec): uPlot.Axis[] {
  const common = { stroke: () => tokenColor('faint'), font: AXIS_FONT, ticks: { show: false } }
  return [
    {
      ...common,
      size: 22,
      gap: 4,
      grid: { show: false },
      space: 84,
      values: (_, splits) => timeLabels(splits),
    },
    {
      ...common,
      size: AXIS_WIDTH,
      gap: 6,
      space: spec.height < 120 ? 18 : 32,
      grid: { stroke: () => tokenColor('line'), width: 1 },
      values: (_, splits) => splits.map(value => (value === 0 ? '0' : trimZeros(spec.format(value)))),
    },
  ]
}

/** Labels of seconds since the epoch: with seconds when closer than a minute, with the day past one. */
function timeLabels(splits: number[]): string[] {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0)
  if (step >= 86_400) return splits.map(at => day(at * 1000))
  return splits.map(at => clock(at * 1000, step < 60))
}

/** Lines of the plot, top of a stack first so that each lower one is drawn over it. */
function seriesOf(
  lines: readonly Line[],
  spec: PlotSpec,
  bars: uPlot.Series.PathBuilder | undefined,
): uPlot.Series[] {
  return lines.toReversed().map((line, index) => ({
    label: line.name,
    stroke: () => tokenColor(line.token),
    // In a stack only the top has an outline: a line along the baseline would look like errors.
    width: spec.shape === 'line' ? 1.5 : index === 0 ? 1 : 0,
    points: { show: false },
    spanGaps: false,
    ...(spec.shape === 'line' ? {} : { fill: fillOf(line, spec.shape) }),
    ...(bars === undefined ? {} : { paths: bars, width: 0 }),
  }))
}

function fillOf(line: Line, shape: Shape): uPlot.Series.Fill {
  return plot => {
    const color = tokenColor(line.token)
    if (line.hatched === true) return hatching(plot.ctx, color)
    if (shape === 'bars') return line.token === 'ok' ? translucent(color, 0.5) : color
    return translucent(color, QUIET.has(line.token) ? 0.32 : 0.75)
  }
}

/** Between two lines of a stack only the upper one's fill may show. */
function bandsOf(count: number): uPlot.Band[] {
  return Array.from({ length: Math.max(0, count - 1) }, (_, i) => ({
    series: [i + 1, i + 2] as [number, number],
  }))
}

function drawMarks(plot: uPlot, spec: PlotSpec): void {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  ctx.save()
  for (const { at, until } of spec.marks()) {
    const x = plot.valToPos(at / 1000, 'x', true)
    const end = until === null ? x : plot.valToPos(until / 1000, 'x', true)
    if (end < bbox.left || x > bbox.left + bbox.width) continue
    ctx.fillStyle = hatching(ctx, translucent(tokenColor('muted'), 0.5))
    if (until !== null)
      ctx.fillRect(Math.max(x, bbox.left), bbox.top, end - Math.max(x, bbox.left), bbox.height)
    if (x < bbox.left) continue
    ctx.fillStyle = tokenColor('accent')
    ctx.fillRect(Math.round(x), bbox.top, ratio, bbox.height)
    ctx.beginPath()
    ctx.moveTo(x - 4 * ratio, bbox.top)
    ctx.lineTo(x + 4 * ratio, bbox.top)
    ctx.lineTo(x, bbox.top + 6 * ratio)
    ctx.fill()
  }
  ctx.restore()
}

export function plotOptions(
  lines: readonly Line[],
  spec: PlotSpec,
  width: number,
  bars: uPlot.Series.PathBuilder | undefined,
): uPlot.Options {
  return {
    width,
    height: spec.height,
    legend: { show: false },
    padding: [8, 10, 0, 0],
    scales: {
      x: { time: true, auto: false },
      y: { range: (_, _min, max) => [0, max === null || max <= 0 ? 1 : max * 1.06] },
    },
    axes: axes(spec),
    series: [{}, ...seriesOf(lines, spec, bars)],
    ...(spec.shape === 'area' ? { bands: bandsOf(lines.length) } : {}),
    cursor: {
      y: false,
      points: { show: spec.shape === 'line', size: 5 },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      sync: { key: SYNC, setSeries: false },
      bind: { dblclick: () => () => undo(spec) },
    },
    hooks: {
      draw: [plot => drawMarks(plot, spec)],
      setCursor: [plot => spec.onHover(plot.cursor.idx ?? null, plot.cursor.left ?? -1)],
      setSelect: [plot => brushed(plot, spec)],
    },
  }
}

/** Instead of the library's own, which would show all data. */
function undo(spec: PlotSpec): null {
  spec.onUndo()
  return null
}

function brushed(plot: uPlot, spec: PlotSpec): void {
  const { left, width } = plot.select
  if (width < 4) return
  spec.onBrush(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000)
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}
