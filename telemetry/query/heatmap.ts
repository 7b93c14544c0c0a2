// GET /api/v1/heatmap: durations over time as counts per cell, two rows to the doubling.
import type { Heatmap } from '../../control/admin/contract.ts'
import type { Histogram } from '../metrics/histogram.ts'
import { bucketIndexOf, bucketsOf, widestTier } from './buckets.ts'
import { askOf, type Context } from './context.ts'
import { DurationSum } from './duration-sum.ts'
import type { Params } from './questions.ts'
import { addDurations, eachExchange } from './source.ts'

const WANTED_COLUMNS = 90
/** A row covers a factor of √2: scale 1 of the exponential histogram. */
const ROW_SCALE = 1

interface Column {
  durations: DurationSum
  slowestUs: number
  traceId: string
}

export function heatmap(params: Params<'heatmap'>, context: Context): Heatmap {
  const ask = askOf(context, params.scope)
  const buckets = bucketsOf(ask.range, WANTED_COLUMNS, ask.nowMs)
  const columns = buckets.times.map(
    (): Column => ({ durations: new DurationSum(), slowestUs: -1, traceId: '' }),
  )
  eachExchange(ask, widestTier(buckets.stepMs), portion => {
    const column = columns[bucketIndexOf(buckets, portion.at)]!
    addDurations(column.durations, portion)
    if (portion.exemplar === null || portion.maxUs <= column.slowestUs) return
    column.slowestUs = portion.maxUs
    column.traceId = Buffer.from(portion.exemplar).toString('hex')
  })
  const { boundsUs, counts } = toGrid(columns)
  return { scope: params.scope, ...buckets, boundsUs, counts, exemplars: exemplarsOf(columns, buckets.times) }
}

function toGrid(columns: Column[]): { boundsUs: number[]; counts: number[][] } {
  const histograms = columns.map(({ durations }) => toRows(durations.toHistogram()))
  const indexes = histograms.flatMap(({ buckets }) => [...buckets.keys()])
  if (indexes.length === 0) return { boundsUs: [], counts: [] }
  const lowest = Math.min(...indexes)
  const rows = Array.from({ length: Math.max(...indexes) - lowest + 1 }, (_, i) => lowest + i)
  return {
    boundsUs: rows.map(index => (index < 0 ? 0 : 2 ** (index / 2 ** ROW_SCALE))),
    counts: rows.map(index => histograms.map(({ buckets }) => buckets.get(index) ?? 0)),
  }
}

function toRows(histogram: Histogram): Histogram {
  histogram.downscale(ROW_SCALE)
  return histogram
}

const exemplarsOf = (columns: Column[], times: number[]): Heatmap['exemplars'] =>
  columns.flatMap(({ slowestUs, traceId }, i) => {
    return traceId === '' ? [] : [{ at: times[i]!, durationUs: slowestUs, traceId }]
  })
