// One cell of the rollups: what happened in one time bucket under one combination of names.
import { Histogram } from '../metrics/histogram.ts'
import type { TallyCell } from '../record.ts'

export interface CellKey {
  /** Seconds. */
  ts: number
  kind: 'server' | 'client'
  route: string
  upstream: string
  method: string
  status: number
  cache: string
  error: string
}

export interface Cell extends CellKey {
  count: number
  sumUs: number
  minUs: number
  maxUs: number
  inBytes: number
  outBytes: number
  histogram: Histogram
  /** Trace id of the slowest, '' if none. */
  exemplar: string
}

export const cellKey = (c: CellKey): string =>
  `${c.ts}\n${c.kind}\n${c.route}\n${c.upstream}\n${c.method}\n${c.status}\n${c.cache}\n${c.error}`

export function emptyCell(key: CellKey): Cell {
  const { ts, kind, route, upstream, method, status, cache, error } = key
  return {
    ts,
    kind,
    route,
    upstream,
    method,
    status,
    cache,
    error,
    count: 0,
    sumUs: 0,
    minUs: Number.MAX_SAFE_INTEGER,
    maxUs: 0,
    inBytes: 0,
    outBytes: 0,
    histogram: new Histogram(),
    exemplar: '',
  }
}

type Numbers = Pick<Cell, 'count' | 'sumUs' | 'minUs' | 'maxUs' | 'inBytes' | 'outBytes' | 'exemplar'>

function addNumbers(into: Cell, from: Numbers): void {
  if (from.exemplar !== '' && (from.maxUs >= into.maxUs || into.exemplar === ''))
    into.exemplar = from.exemplar
  into.count += from.count
  into.sumUs += from.sumUs
  into.minUs = Math.min(into.minUs, from.minUs)
  into.maxUs = Math.max(into.maxUs, from.maxUs)
  into.inBytes += from.inBytes
  into.outBytes += from.outBytes
}

export function addTally(into: Cell, tally: TallyCell): void {
  addNumbers(into, tally)
  into.histogram.addFlat(tally.exponential)
}

export function addCell(into: Cell, from: Cell): void {
  addNumbers(into, from)
  into.histogram.merge(from.histogram)
}
