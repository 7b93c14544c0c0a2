// Tier choice: whatever the range, every moment is covered exactly once, and wide tiers are used where they can be.
import { expect, test } from 'vitest'
import { cover, type Segment, type Tier } from '../../../telemetry/query/cover.ts'
import { pick, randomFrom } from '../records.ts'

const NOW = Date.UTC(2026, 10, 12, 12, 34, 56)
const HOUR = 3600_000
const FOLDED_S = Date.UTC(2026, 10, 12, 12, 33) / 1000

function ordered(range: { from: number; to: number }, widest: Tier, foldedS = FOLDED_S): Segment[] {
  return cover(range, widest, foldedS, NOW).sort((a, b) => a.fromS - b.fromS)
}

test('any range is covered without a hole and without an overlap, in whole cells', () => {
  const random = randomFrom(21)
  for (let i = 0; i < 3000; i++) {
    const length = 10 ** (4 + random() * 6.4)
    const to = NOW - random() ** 3 * 300 * 24 * HOUR
    const range = { from: to - length, to }
    const widest = pick(random, [10, 60, 3600] as const)
    const folded = pick(random, [0, FOLDED_S, FOLDED_S - 36_000])
    const segments = ordered(range, widest, folded)
    expect(segments[0]!.fromS).toBeLessThanOrEqual(range.from / 1000)
    expect(segments.at(-1)!.toS).toBeGreaterThanOrEqual(range.to / 1000)
    for (const [at, { tier, fromS, toS }] of segments.entries()) {
      expect(fromS % tier).toBe(0)
      expect(toS % tier).toBe(0)
      expect(fromS).toBeLessThan(toS)
      if (at > 0) expect(fromS).toBe(segments[at - 1]!.toS)
      // Wide tiers are complete only below the fold; the 10 s tier alone counts above.
      if (tier > 10) expect(toS).toBeLessThanOrEqual(folded)
    }
  }
})

test('a day is a few hours of cells, with fine edges', () => {
  expect(
    ordered({ from: NOW - 3 * HOUR, to: NOW }, 3600).map(s => [s.tier, (s.toS - s.fromS) / s.tier]),
  ).toEqual([
    [10, 1],
    [60, 25],
    [3600, 2],
    [60, 33],
    [10, 12],
  ])
})

test('no wider tier than the buckets of a chart can take', () => {
  expect(new Set(ordered({ from: NOW - 3 * HOUR, to: NOW }, 10).map(s => s.tier))).toEqual(new Set([10]))
})

test('where the fine tiers are gone, the range is rounded outward to what is left', () => {
  const old = NOW - 40 * 24 * HOUR
  expect(ordered({ from: old, to: old + HOUR }, 3600)).toEqual([
    { tier: 3600, fromS: Math.floor(old / HOUR) * 3600, toS: (Math.floor(old / HOUR) + 2) * 3600 },
  ])
})
