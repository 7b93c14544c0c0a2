// Gathers tallies into the totals of one second.
import type { Tick } from '../../control/admin/contract.ts'
import { Histogram } from '../metrics/histogram.ts'
import { isCached, outcomeOf } from '../outcome.ts'
import type { TallyCell } from '../record.ts'

const emptyByStatus = (): Tick['byStatus'] => ({
  ok: 0,
  redirect: 0,
  client: 0,
  limited: 0,
  server: 0,
  aborted: 0,
})

export class TickBuilder {
  #requests = 0
  #cached = 0
  #cacheable = 0
  #outBytes = 0
  #byStatus = emptyByStatus()
  #histogram = new Histogram()

  add(cells: readonly TallyCell[]): void {
    for (const cell of cells) {
      if (cell.kind !== 'server') continue
      this.#requests += cell.count
      this.#outBytes += cell.outBytes
      this.#byStatus[outcomeOf(cell.status, cell.error)] += cell.count
      if (cell.cache !== 'none') this.#cacheable += cell.count
      if (isCached(cell.cache)) this.#cached += cell.count
      this.#histogram.addFlat(cell.exponential)
    }
  }

  /** The tick of the second that began at `at`; starts the next one. */
  take(at: number, inFlight: number): Tick {
    const tick: Tick = {
      at,
      requests: this.#requests,
      errors: this.#byStatus.server,
      limited: this.#byStatus.limited,
      byStatus: this.#byStatus,
      p50Us: this.#histogram.percentile(0.5),
      p95Us: this.#histogram.percentile(0.95),
      p99Us: this.#histogram.percentile(0.99),
      cacheShare: this.#cacheable === 0 ? null : this.#cached / this.#cacheable,
      outBytes: this.#outBytes,
      inFlight,
    }
    this.#requests = this.#cached = this.#cacheable = this.#outBytes = 0
    this.#byStatus = emptyByStatus()
    this.#histogram = new Histogram()
    return tick
  }
}
