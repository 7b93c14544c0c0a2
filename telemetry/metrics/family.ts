// The running totals of one kind of tally, per combination of labels, bounded.
import { bucketIndex } from '../../proxy/lib/histogram.ts'
import { DURATION_BOUNDS_S, type TallyCell } from '../record.ts'

/** Label combinations kept apart; later ones share the cell named `_other`. */
const MAX_CELLS = 10_000

export type TallyLabels = Pick<
  TallyCell,
  'route' | 'upstream' | 'method' | 'status' | 'cache' | 'protocol' | 'error'
>

export interface Exemplar {
  traceId: string
  valueUs: number
  atMs: number
}

export interface Totals extends TallyLabels {
  count: number
  sumUs: number
  inBytes: number
  outBytes: number
  /** Not cumulative; one per DURATION_BOUNDS_S and one for the rest. */
  buckets: number[]
  exemplars: (Exemplar | null)[]
}

const OTHER: TallyLabels = {
  route: '_other',
  upstream: '_other',
  method: '_OTHER',
  status: 0,
  cache: 'none',
  protocol: '',
  error: '',
}

/** Labels come from the configuration and fixed vocabularies; the bound holds whatever a client sends. */
export class Family {
  readonly #cells = new Map<string, Totals>()
  readonly #maxCells: number

  constructor(maxCells = MAX_CELLS) {
    this.#maxCells = maxCells
  }

  get totals(): Iterable<Totals> {
    return this.#cells.values()
  }

  add(cell: TallyCell, atMs: number): void {
    const totals = this.#find(cell)
    totals.count += cell.count
    totals.sumUs += cell.sumUs
    totals.inBytes += cell.inBytes
    totals.outBytes += cell.outBytes
    for (let i = 0; i < totals.buckets.length; i++) totals.buckets[i]! += cell.buckets[i] ?? 0
    if (cell.exemplar !== '') {
      totals.exemplars[bucketIndex(cell.maxUs)] = { traceId: cell.exemplar, valueUs: cell.maxUs, atMs }
    }
  }

  #find(labels: TallyLabels): Totals {
    const key = keyOf(labels)
    const known = this.#cells.get(key)
    if (known !== undefined) return known
    const full = this.#cells.size >= this.#maxCells
    const made = full ? this.#cells.get(keyOf(OTHER)) : undefined
    if (made !== undefined) return made
    const totals = emptyTotals(full ? OTHER : labels)
    this.#cells.set(keyOf(totals), totals)
    return totals
  }
}

const keyOf = (c: TallyLabels): string =>
  `${c.route}\n${c.upstream}\n${c.method}\n${c.status}\n${c.cache}\n${c.protocol}\n${c.error}`

function emptyTotals(labels: TallyLabels): Totals {
  const { route, upstream, method, status, cache, protocol, error } = labels
  const buckets = new Array<number>(DURATION_BOUNDS_S.length + 1).fill(0)
  const exemplars = new Array<Exemplar | null>(buckets.length).fill(null)
  return {
    route,
    upstream,
    method,
    status,
    cache,
    protocol,
    error,
    count: 0,
    sumUs: 0,
    inBytes: 0,
    outBytes: 0,
    buckets,
    exemplars,
  }
}
