// Draws the latency heatmap on a canvas: cells, the p95 line over them, the exemplars as dots.
import type { Heatmap } from '../../../control/admin/contract.ts'
import { formatDuration, trimZeros } from '../lib/format.ts'
import { clock, timeTicks } from '../lib/time.ts'
import { tokenColor } from './colors.ts'
import { decades, heatStep, rowPosition, usedRows } from './heat.ts'
import { AXIS_FONT, AXIS_WIDTH } from './plot.ts'

const PAD = { top: 8, right: 10, bottom: 22 }

export interface HeatGeometry {
  width: number
  height: number
  x: (at: number) => number
  y: (us: number) => number
  at: (x: number) => number
  /** Height of one row. */
  cell: number
}

export function heatGeometry(heatmap: Heatmap, width: number, height: number): HeatGeometry {
  const { first, last } = usedRows(heatmap.counts)
  const { from, to } = heatmap.scope
  const inner = Math.max(1, width - AXIS_WIDTH - PAD.right)
  const tall = height - PAD.top - PAD.bottom
  const cell = tall / (last - first + 1)
  return {
    width,
    height,
    cell,
    x: at => AXIS_WIDTH + ((at - from) / (to - from)) * inner,
    y: us => PAD.top + tall - (rowPosition(us, heatmap.boundsUs) - first) * cell,
    at: x => from + ((x - AXIS_WIDTH) / inner) * (to - from),
  }
}

type Pen = CanvasRenderingContext2D

function drawCells(pen: Pen, heatmap: Heatmap, geometry: HeatGeometry): void {
  let max = 0
  for (const row of heatmap.counts) for (const count of row) if (count > max) max = count
  heatmap.counts.forEach((row, index) => {
    const bottom = geometry.y(heatmap.boundsUs[index] ?? 0)
    row.forEach((count, column) => {
      const step = heatStep(count, max)
      if (step === 0) return
      const left = Math.max(AXIS_WIDTH, geometry.x(heatmap.times[column]!))
      const right = Math.min(geometry.width - PAD.right, geometry.x(heatmap.times[column]! + heatmap.stepMs))
      pen.fillStyle = tokenColor(`heat-${step}`)
      pen.fillRect(left, bottom - geometry.cell, Math.max(0.5, right - left - 0.5), geometry.cell - 0.5)
    })
  })
}

function drawAxes(pen: Pen, heatmap: Heatmap, geometry: HeatGeometry): void {
  const { first, last } = usedRows(heatmap.counts)
  pen.font = AXIS_FONT
  pen.fillStyle = tokenColor('faint')
  pen.textBaseline = 'middle'
  pen.textAlign = 'right'
  for (const us of decades(heatmap.boundsUs[first] ?? 0, heatmap.boundsUs[last] ?? 0)) {
    pen.fillText(trimZeros(formatDuration(us)), AXIS_WIDTH - 6, geometry.y(us))
  }
  pen.textBaseline = 'alphabetic'
  pen.textAlign = 'center'
  const { from, to } = heatmap.scope
  const ticks = timeTicks({ from, to }, (geometry.width - AXIS_WIDTH) / 100)
  const seconds = (ticks[1] ?? to) - (ticks[0] ?? from) < 60_000
  for (const at of ticks) {
    const x = geometry.x(at)
    if (x > AXIS_WIDTH + 14 && x < geometry.width - 28)
      pen.fillText(clock(at, seconds), x, geometry.height - 6)
  }
}

function drawP95(
  pen: Pen,
  times: readonly number[],
  stepMs: number,
  p95: readonly (number | null)[],
  geometry: HeatGeometry,
): void {
  for (const [color, width] of [
    ['panel', 3.5],
    ['text', 1.5],
  ] as const) {
    pen.strokeStyle = tokenColor(color)
    pen.lineWidth = width
    pen.lineJoin = 'round'
    pen.beginPath()
    let down = false
    for (const [index, us] of p95.entries()) {
      if (us !== null) {
        const x = geometry.x(times[index]! + stepMs / 2)
        const y = geometry.y(us)
        if (down) pen.lineTo(x, y)
        else pen.moveTo(x, y)
      }
      down = us !== null
    }
    pen.stroke()
  }
}

function drawDots(pen: Pen, heatmap: Heatmap, geometry: HeatGeometry, hovered: number): void {
  heatmap.exemplars.forEach((exemplar, index) => {
    pen.beginPath()
    pen.arc(geometry.x(exemplar.at), geometry.y(exemplar.durationUs), index === hovered ? 5 : 3, 0, 7)
    pen.fillStyle = tokenColor('panel')
    pen.fill()
    pen.lineWidth = 1.5
    pen.strokeStyle = tokenColor('accent')
    pen.stroke()
  })
}

export interface HeatOverlay {
  times: readonly number[]
  stepMs: number
  p95Us: readonly (number | null)[]
  hovered: number
  /** The theme on the screen: a change of it draws anew. */
  look: string
}

export function drawHeatmap(
  canvas: HTMLCanvasElement,
  heatmap: Heatmap,
  geometry: HeatGeometry,
  overlay: HeatOverlay,
): void {
  const pen = canvas.getContext('2d')
  if (pen === null) return
  const ratio = devicePixelRatio
  canvas.width = geometry.width * ratio
  canvas.height = geometry.height * ratio
  pen.scale(ratio, ratio)
  drawCells(pen, heatmap, geometry)
  drawAxes(pen, heatmap, geometry)
  pen.save()
  pen.beginPath()
  pen.rect(AXIS_WIDTH, 0, geometry.width - AXIS_WIDTH - PAD.right, geometry.height)
  pen.clip()
  drawP95(pen, overlay.times, overlay.stepMs, overlay.p95Us, geometry)
  drawDots(pen, heatmap, geometry, overlay.hovered)
  pen.restore()
}

/** The exemplar under the pointer; −1 when there is none within reach. */
export function exemplarAt(heatmap: Heatmap, geometry: HeatGeometry, x: number, y: number): number {
  let best = -1
  let nearest = 100
  heatmap.exemplars.forEach((exemplar, index) => {
    const distance = (geometry.x(exemplar.at) - x) ** 2 + (geometry.y(exemplar.durationUs) - y) ** 2
    if (distance < nearest) {
      nearest = distance
      best = index
    }
  })
  return best
}
