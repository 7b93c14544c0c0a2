// Which cells of which tier together cover a time range, each request once: wide tiers inside, fine ones at the edges.
import { TIER_KEEP_S } from '../store/rollup.ts'

export type Tier = 10 | 60 | 3600

/** Cells with `ts` from `fromS` to below `toS`. */
export interface Segment {
  tier: Tier
  fromS: number
  toS: number
}

const TIERS: readonly Tier[] = [3600, 60, 10]
/** A tier's oldest cells may be removed any moment: they are not relied on. */
const MARGIN_S = 300

const down = (value: number, step: number): number => Math.floor(value / step) * step
const up = (value: number, step: number): number => Math.ceil(value / step) * step

/** The finest tier that still reaches back to a moment. */
export function finestTier(atS: number, nowS: number): Tier {
  if (atS >= nowS - TIER_KEEP_S[10] + MARGIN_S) return 10
  return atS >= nowS - TIER_KEEP_S[60] + MARGIN_S ? 60 : 3600
}

/**
 * @param widest no wider tier than this, so that cells fit a chart's buckets
 * @param foldedUntilS below it the wide tiers are complete; from it on only the 10 s tier counts
 * Ends are rounded outward to the finest tier that is still kept there.
 */
export function cover(
  range: { from: number; to: number },
  widest: Tier,
  foldedUntilS: number,
  nowMs: number,
): Segment[] {
  const nowS = nowMs / 1000
  const fromS = down(range.from / 1000, finestTier(range.from / 1000, nowS))
  const toS = up(range.to / 1000, finestTier(range.to / 1000, nowS))
  const segments = split(fromS, Math.min(toS, foldedUntilS), TIERS.indexOf(widest))
  const recentS = Math.max(fromS, foldedUntilS)
  if (recentS < toS) segments.push({ tier: 10, fromS: recentS, toS })
  return segments
}

function split(fromS: number, toS: number, level: number): Segment[] {
  const tier = TIERS[level]
  if (fromS >= toS || tier === undefined) return []
  const innerFrom = up(fromS, tier)
  const innerTo = down(toS, tier)
  if (innerFrom >= innerTo) return split(fromS, toS, level + 1)
  return [
    ...split(fromS, innerFrom, level + 1),
    { tier, fromS: innerFrom, toS: innerTo },
    ...split(innerTo, toS, level + 1),
  ]
}
