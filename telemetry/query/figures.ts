// Sums portions into the header figures of a period.
import type { Figures } from '../../control/admin/contract.ts'
import type { Histogram } from '../metrics/histogram.ts'
import { isCached, outcomeOf } from '../outcome.ts'
import { DurationSum } from './duration-sum.ts'
import { addDurations, type Portion } from './source.ts'

export class FigureSum {
  requests = 0
  errors = 0
  limited = 0
  cached = 0
  cacheable = 0
  inBytes = 0
  outBytes = 0
  /** Null until the first portion: most buckets of a chart stay empty. */
  #durations: DurationSum | null = null
  #histogram: Histogram | null = null
  #minUs = Number.POSITIVE_INFINITY
  #maxUs = 0

  add(portion: Portion): void {
    const { count, cache } = portion
    const outcome = outcomeOf(portion.status, portion.error)
    this.requests += count
    this.inBytes += portion.inBytes
    this.outBytes += portion.outBytes
    if (outcome === 'server') this.errors += count
    if (outcome === 'limited') this.limited += count
    if (cache !== 'none' && cache !== '') this.cacheable += count
    if (isCached(cache)) this.cached += count
    this.#durations ??= new DurationSum()
    addDurations(this.#durations, portion)
    this.#minUs = Math.min(this.#minUs, portion.minUs)
    this.#maxUs = Math.max(this.#maxUs, portion.maxUs)
  }

  get errorShare(): number | null {
    return this.requests === 0 ? null : this.errors / this.requests
  }

  get cacheShare(): number | null {
    return this.cacheable === 0 ? null : this.cached / this.cacheable
  }

  /** Microseconds. Ask when all portions are in. */
  percentile(share: number): number | null {
    if (this.#durations === null) return null
    this.#histogram ??= this.#durations.toHistogram()
    return this.#histogram.percentile(share, this.#minUs, this.#maxUs)
  }

  figures(seconds: number): Figures {
    return {
      requests: this.requests,
      rate: seconds > 0 ? this.requests / seconds : 0,
      errorShare: this.errorShare,
      p50Us: this.percentile(0.5),
      p95Us: this.percentile(0.95),
      p99Us: this.percentile(0.99),
      cacheShare: this.cacheShare,
      limited: this.limited,
      inBytes: this.inBytes,
      outBytes: this.outBytes,
    }
  }
}
