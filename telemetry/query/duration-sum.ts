// Adds up very many encoded histograms: a plain array, where telemetry/metrics/histogram.ts is sparse and small.
import { exponentialIndex, SCALE } from '../../proxy/lib/histogram.ts'
import { Histogram } from '../metrics/histogram.ts'

/** 2^50 µs; longer ones count there. */
const SLOTS = 50 * 2 ** SCALE

export class DurationSum {
  #scale = SCALE
  /** By index + 1: the lowest index is −1. */
  readonly #counts = new Float64Array(SLOTS)

  record(valueUs: number, times: number): void {
    this.#add(exponentialIndex(valueUs) >> (SCALE - this.#scale), times)
  }

  /** @param blob as Histogram.encode makes it */
  mergeEncoded(blob: Uint8Array): void {
    const scale = blob[0]!
    if (scale < this.#scale) this.#coarsen(scale)
    const shift = scale - this.#scale
    const { length } = blob
    let index = -1
    let at = 1
    let isCount = false
    while (at < length) {
      let byte = blob[at++]!
      let value = byte & 0x7f
      for (let factor = 0x80; byte >= 0x80 && at < length; factor *= 0x80) {
        byte = blob[at++]!
        value += (byte & 0x7f) * factor
      }
      if (isCount) this.#add(index >> shift, value)
      else index += value
      isCount = !isCount
    }
  }

  /** The sum, sparse: for percentiles and further work. */
  toHistogram(): Histogram {
    const histogram = new Histogram()
    histogram.scale = this.#scale
    for (let slot = 0; slot < SLOTS; slot++) {
      if (this.#counts[slot]! > 0) histogram.add(slot - 1, this.#counts[slot]!)
    }
    return histogram
  }

  #add(index: number, times: number): void {
    this.#counts[Math.min(SLOTS - 1, index + 1)]! += times
  }

  #coarsen(scale: number): void {
    const fine = this.#counts.slice()
    const shift = this.#scale - scale
    this.#scale = scale
    this.#counts.fill(0)
    for (let slot = 0; slot < SLOTS; slot++) if (fine[slot]! > 0) this.#add((slot - 1) >> shift, fine[slot]!)
  }
}
