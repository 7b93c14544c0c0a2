// Exact counts of what happened, per kind of exchange, since the last flush. Never sampled, never dropped.
import { DURATION_BOUNDS_S, type TallyCell } from '../../telemetry/record.ts'
import { bucketIndex, exponentialIndex } from '../lib/histogram.ts'

/** Methods that count under their own name; any other could be keyed by a client. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT'])

/** A cell nobody touched for this long is forgotten. */
const IDLE_FLUSHES = 1500

/** Cells of a route that are looked through before a key is made. */
const COMMON = 8

/** What tells one kind of exchange from another. */
export type Counted = Pick<
  TallyCell,
  'kind' | 'route' | 'upstream' | 'method' | 'status' | 'cache' | 'protocol' | 'error'
>

/** Indices with a counter of their own: up to 2^24 microseconds, which is 16 s. */
const DENSE = 24 * 32

/** Counts per bucket of the exponential histogram; −1 is the first. */
class Exponential {
  #dense: Uint32Array | null = null
  #low = DENSE
  #high = -2
  /** The few that took longer. */
  readonly #rest = new Map<number, number>()

  add(index: number): void {
    if (index >= DENSE) {
      this.#rest.set(index, (this.#rest.get(index) ?? 0) + 1)
      return
    }
    this.#dense ??= new Uint32Array(DENSE + 1)
    this.#dense[index + 1]!++
    if (index < this.#low) this.#low = index
    if (index > this.#high) this.#high = index
  }

  /** @returns index, count, index, count … since the last call */
  take(): number[] {
    const taken: number[] = []
    for (let index = this.#low; index <= this.#high; index++) {
      const count = this.#dense![index + 1]!
      if (count > 0) taken.push(index, count)
    }
    for (const [index, count] of this.#rest) taken.push(index, count)
    this.#dense?.fill(0)
    this.#rest.clear()
    this.#low = DENSE
    this.#high = -2
    return taken
  }
}

class Cell {
  readonly what: Counted
  count = 0
  sumUs = 0
  minUs = 0
  maxUs = 0
  inBytes = 0
  outBytes = 0
  exemplar = ''
  buckets: number[] = new Array(DURATION_BOUNDS_S.length + 1).fill(0)
  readonly #exponential = new Exponential()
  idle = 0
  /** Monotonic time when a raw record of this kind was last kept. */
  keptMs = 0

  constructor(what: Counted) {
    this.what = what
  }

  is(what: Counted, method: string): boolean {
    const own = this.what
    return (
      own.status === what.status &&
      own.kind === what.kind &&
      own.method === method &&
      own.cache === what.cache &&
      own.protocol === what.protocol &&
      own.error === what.error &&
      own.upstream === what.upstream
    )
  }

  add(us: number, inBytes: number, outBytes: number, traceId: string): void {
    if (this.count === 0 || us < this.minUs) this.minUs = us
    if (us >= this.maxUs) {
      this.maxUs = us
      this.exemplar = traceId
    }
    this.count++
    this.sumUs += us
    this.inBytes += inBytes
    this.outBytes += outBytes
    this.buckets[bucketIndex(us)]!++
    this.#exponential.add(exponentialIndex(us))
  }

  take(): TallyCell {
    const { what, count, sumUs, minUs, maxUs, inBytes, outBytes, buckets, exemplar } = this
    const exponential = this.#exponential.take()
    this.buckets = new Array(buckets.length).fill(0)
    this.count = this.sumUs = this.minUs = this.maxUs = this.inBytes = this.outBytes = this.idle = 0
    this.exemplar = ''
    return { ...what, count, sumUs, minUs, maxUs, inBytes, outBytes, buckets, exponential, exemplar }
  }
}

/** A route's cells, by all that tells them apart. */
class RouteCells {
  readonly byKey = new Map<string, Cell>()
  /** The first few: most traffic is of a few kinds, and those are found without making a key. */
  readonly common: Cell[] = []

  find(what: Counted): Cell {
    const method = what.method === 'GET' || METHODS.has(what.method) ? what.method : '_OTHER'
    for (const cell of this.common) if (cell.is(what, method)) return cell
    const { kind, upstream, status, cache, protocol, error } = what
    const key = `${kind}${status}${method}${cache}${protocol}${error}${upstream}`
    let cell = this.byKey.get(key)
    if (cell !== undefined) return cell
    cell = new Cell({ ...what, method })
    this.byKey.set(key, cell)
    if (this.common.length < COMMON) this.common.push(cell)
    return cell
  }

  forget(key: string, cell: Cell): void {
    this.byKey.delete(key)
    const index = this.common.indexOf(cell)
    if (index >= 0) this.common.splice(index, 1)
  }
}

export class Tally {
  /** Bounded by configuration, statuses and the sets above. */
  readonly #routes = new Map<string, RouteCells>()
  /** The route that was counted last. */
  #route = ''
  #cells: RouteCells | null = null

  /** @returns the cell, so that the caller can see how rare its kind is */
  add(what: Counted, us: number, inBytes: number, outBytes: number, traceId: string): { keptMs: number } {
    const cell = this.#of(what.route).find(what)
    cell.add(us, inBytes, outBytes, traceId)
    return cell
  }

  #of(route: string): RouteCells {
    if (this.#cells !== null && route === this.#route) return this.#cells
    let cells = this.#routes.get(route)
    if (cells === undefined) this.#routes.set(route, (cells = new RouteCells()))
    this.#route = route
    this.#cells = cells
    return cells
  }

  /** The counts since the last call; empty when nothing happened. */
  take(): TallyCell[] {
    const taken: TallyCell[] = []
    this.#cells = null
    for (const [route, cells] of this.#routes) {
      for (const [key, cell] of cells.byKey) {
        if (cell.count > 0) taken.push(cell.take())
        else if (++cell.idle > IDLE_FLUSHES) cells.forget(key, cell)
      }
      if (cells.byKey.size === 0) this.#routes.delete(route)
    }
    return taken
  }
}
