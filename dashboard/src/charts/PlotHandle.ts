// Holds one uPlot: made anew when its lines change, otherwise given new data.
import uPlot from 'uplot'
import type { Span } from '../lib/time.ts'
import { type Line, stack } from './lines.ts'
import { type PlotSpec, plotOptions } from './plot.ts'

export interface PlotInput {
  lines: readonly Line[]
  times: readonly number[]
  stepMs: number
  span: Span
  width: number
  look: string
}

type Data = [number[], ...(number | null)[][]]

/** Milliseconds to uPlot's seconds; the drawn values, top of the stack first. */
function toData({ times, lines, stepMs }: PlotInput, spec: PlotSpec): Data {
  const values = spec.shape === 'line' ? lines.map(line => [...line.values]) : stack(lines)
  // A bucket is drawn at its middle, where its requests are on average.
  return [times.map(at => (at + stepMs / 2) / 1000), ...values.toReversed()]
}

const identity = (input: PlotInput, spec: PlotSpec) =>
  [spec.shape, spec.height, ...input.lines.map(line => `${line.name}:${line.token}`)].join('|')

export class PlotHandle {
  #plot: uPlot | null = null
  #spec: PlotSpec | null = null
  #input: PlotInput | null = null
  #identity = ''

  update(host: HTMLElement, input: PlotInput, spec: PlotSpec): void {
    if (input.width === 0) return
    const before = this.#input
    const id = identity(input, spec)
    if (this.#plot === null || id !== this.#identity) return this.#create(host, input, spec, id)
    Object.assign(this.#spec!, spec)
    this.#input = input
    if (before?.width !== input.width) this.#plot.setSize({ width: input.width, height: spec.height })
    if (before?.lines !== input.lines || before.times !== input.times)
      this.#plot.setData(toData(input, spec), false)
    if (before?.look !== input.look) this.#plot.redraw(false)
    this.#scale(input.span)
  }

  destroy(): void {
    this.#plot?.destroy()
    this.#plot = null
  }

  #create(host: HTMLElement, input: PlotInput, spec: PlotSpec, id: string): void {
    this.destroy()
    this.#identity = id
    this.#input = input
    this.#spec = { ...spec }
    const bars = spec.shape === 'bars' ? uPlot.paths.bars?.({ size: [0.84, 40], align: 0 }) : undefined
    this.#plot = new uPlot(plotOptions(input.lines, this.#spec, input.width, bars), toData(input, spec), host)
    this.#scale(input.span)
  }

  #scale(span: Span): void {
    this.#plot?.setScale('x', { min: span.from / 1000, max: span.to / 1000 })
  }
}
