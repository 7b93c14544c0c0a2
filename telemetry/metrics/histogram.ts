// A sparse exponential histogram of microseconds: merges exactly, encodes small, answers percentiles within 1.1 %.
import { exponentialBounds, exponentialIndex, SCALE } from '../../proxy/lib/histogram.ts'
import { readVarint, type VarintCursor, writeVarint } from './varint.ts'

/** OpenTelemetry exponential histogram (scale 5, or 4 after `downscale`); only filled buckets cost. */
export class Histogram {
  scale = SCALE
  count = 0
  readonly buckets = new Map<number, number>()

  record(valueUs: number, times = 1): void {
    this.add(exponentialIndex(valueUs) >> (SCALE - this.scale), times)
  }

  /** @param index at this histogram's scale */
  add(index: number, times: number): void {
    this.buckets.set(index, (this.buckets.get(index) ?? 0) + times)
    this.count += times
  }

  /** @param flat index, count, index, count … at scale 5, as in TallyCell.exponential */
  addFlat(flat: readonly number[]): void {
    const shift = SCALE - this.scale
    for (let i = 0; i + 1 < flat.length; i += 2) this.add(flat[i]! >> shift, flat[i + 1]!)
  }

  merge(other: Histogram): void {
    this.downscale(other.scale)
    const shift = other.scale - this.scale
    for (const [index, times] of other.buckets) this.add(index >> shift, times)
  }

  /** Merges an encoded histogram without building it. */
  mergeEncoded(blob: Uint8Array): void {
    const scale = blob[0] ?? SCALE
    this.downscale(scale)
    const shift = scale - this.scale
    const cursor: VarintCursor = { bytes: blob, at: 1 }
    let index = -1
    while (cursor.at < blob.length) {
      index += readVarint(cursor)
      this.add(index >> shift, readVarint(cursor))
    }
  }

  /** Halves the resolution until `scale`; two neighbours become one. Never refines. */
  downscale(scale: number): void {
    if (scale >= this.scale) return
    const shift = this.scale - scale
    const old = [...this.buckets]
    this.buckets.clear()
    this.count = 0
    this.scale = scale
    for (const [index, times] of old) this.add(index >> shift, times)
  }

  /**
   * @param share 0 to 1; null when empty
   * The bucket's geometric middle: at scale 5 at most 1.09 % from the true value. The caller's exact minimum
   * and maximum narrow it further.
   */
  percentile(share: number, minUs = 0, maxUs = Number.POSITIVE_INFINITY): number | null {
    if (this.count === 0) return null
    let left = Math.max(1, Math.ceil(share * this.count))
    const sorted = [...this.buckets].sort((a, b) => a[0] - b[0])
    for (const [index, times] of sorted) {
      left -= times
      if (left <= 0) return Math.min(maxUs, Math.max(minUs, this.#middle(index)))
    }
    return maxUs
  }

  /** Scale in one byte, then per filled bucket, rising: distance to the previous index, count. */
  encode(): Uint8Array {
    const sorted = [...this.buckets].sort((a, b) => a[0] - b[0])
    const bytes: number[] = [this.scale]
    let previous = -1
    for (const [index, times] of sorted) {
      writeVarint(bytes, index - previous)
      writeVarint(bytes, times)
      previous = index
    }
    return Uint8Array.from(bytes)
  }

  static decode(blob: Uint8Array): Histogram {
    const histogram = new Histogram()
    histogram.mergeEncoded(blob)
    return histogram
  }

  #middle(index: number): number {
    if (index < 0) return 1
    const shift = SCALE - this.scale
    const [lowUs] = exponentialBounds(index << shift)
    const [, highUs] = exponentialBounds(((index + 1) << shift) - 1)
    return Math.sqrt(lowUs * highUs)
  }
}
