// Divides a range into a chart's buckets: aligned steps for charts, equal parts for sparklines.
import type { TimelineEvent } from '../../control/admin/contract.ts'
import { finestTier, type Tier } from './cover.ts'
import { orUnknown } from './timeline.ts'

const STEPS_S = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 86_400, 604_800]
const MAX_BUCKETS = 1500

/** Unix milliseconds; buckets begin at multiples of the step. */
export interface Buckets {
  stepMs: number
  times: number[]
}

/** @param wanted about so many at most, unless `stepMs` is given */
export function bucketsOf(
  range: { from: number; to: number },
  wanted: number,
  nowMs: number,
  stepMs?: number,
): Buckets {
  const spanS = (range.to - range.from) / 1000
  const finest = finestTier(range.from / 1000, nowMs / 1000)
  const least = Math.max(finest, spanS / MAX_BUCKETS, stepMs === undefined ? spanS / wanted : stepMs / 1000)
  const step = (STEPS_S.find(s => s >= least) ?? STEPS_S.at(-1)!) * 1000
  const first = Math.floor(range.from / step) * step
  const times: number[] = []
  for (let at = first; at < range.to; at += step) times.push(at)
  return { stepMs: step, times }
}

/** The widest tier whose cells each lie in one bucket. */
export function widestTier(stepMs: number): Tier {
  if (stepMs % 3_600_000 === 0) return 3600
  return stepMs % 60_000 === 0 ? 60 : 10
}

/** @returns the bucket's index; cells at the rounded edges count in the first and last */
export function bucketIndexOf(buckets: Buckets, at: number): number {
  const index = Math.floor((at - buckets.times[0]!) / buckets.stepMs)
  return Math.min(buckets.times.length - 1, Math.max(0, index))
}

const TREND_PARTS = 24

/** A sparkline: counts in 24 equal parts of the range. */
export class Trend {
  readonly #range: { from: number; to: number }
  readonly #counts = new Array<number>(TREND_PARTS).fill(0)

  constructor(range: { from: number; to: number }) {
    this.#range = range
  }

  add(at: number, count: number): void {
    const { from, to } = this.#range
    const part = Math.floor(((at - from) / (to - from)) * TREND_PARTS)
    this.#counts[Math.min(TREND_PARTS - 1, Math.max(0, part))]! += count
  }

  values(events: readonly TimelineEvent[]): (number | null)[] {
    const { from, to } = this.#range
    const part = (to - from) / TREND_PARTS
    return this.#counts.map((n, i) =>
      orUnknown(n, { from: from + i * part, to: from + (i + 1) * part }, events),
    )
  }
}

/** The widest tier that a sparkline of the range can take. */
export function trendTier(range: { from: number; to: number }): Tier {
  const partMs = (range.to - range.from) / TREND_PARTS
  if (partMs >= 3_600_000) return 3600
  return partMs >= 60_000 ? 60 : 10
}
