// The exponential histogram: exact merges, small encoding, percentiles within 1.1 %.
import { describe, expect, test } from 'vitest'
import { exponentialIndex } from '../../../proxy/lib/histogram.ts'
import { Histogram } from '../../../telemetry/metrics/histogram.ts'
import { randomFrom } from '../records.ts'

function of(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

/** Durations of 10 µs to 100 s, many shapes. */
function durations(seed: number, count: number): number[] {
  const random = randomFrom(seed)
  const low = 1 + random() * 3
  const spread = random() * (8 - low)
  return Array.from({ length: count }, () => Math.round(10 ** (low + random() * random() * spread)))
}

const sorted = (h: Histogram) => [...h.buckets].sort((a, b) => a[0] - b[0])

describe.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('random durations %i', seed => {
  const values = durations(seed, 2000)
  const exact = values.toSorted((a, b) => a - b)

  test.each([0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1])('percentile %d is within 1.1 %%', share => {
    const truth = exact[Math.ceil(share * exact.length) - 1]!
    const told = of(values).percentile(share)!
    expect(Math.abs(told - truth) / truth).toBeLessThanOrEqual(0.011)
  })

  test('merging the parts in any order is the whole', () => {
    const whole = of(values)
    const merged = new Histogram()
    for (let i = 9; i >= 0; i--) merged.merge(of(values.filter((_, at) => at % 10 === i)))
    expect(sorted(merged)).toEqual(sorted(whole))
    expect(merged.count).toBe(2000)
  })

  test('what was encoded decodes to the same', () => {
    const whole = of(values)
    expect(sorted(Histogram.decode(whole.encode()))).toEqual(sorted(whole))
    const twice = Histogram.decode(whole.encode())
    twice.mergeEncoded(whole.encode())
    expect(twice.count).toBe(4000)
  })

  test('scale 4 keeps every count and stays within 2.2 %', () => {
    const coarse = of(values)
    coarse.downscale(4)
    expect(coarse.count).toBe(2000)
    const truth = exact[Math.ceil(0.95 * exact.length) - 1]!
    expect(Math.abs(coarse.percentile(0.95)! - truth) / truth).toBeLessThanOrEqual(0.022)
    const mixed = of(values)
    mixed.mergeEncoded(coarse.encode())
    expect([mixed.scale, mixed.count]).toEqual([4, 4000])
    const fine = Histogram.decode(coarse.encode())
    fine.merge(of(values))
    expect(sorted(fine)).toEqual(sorted(mixed))
  })
})

test('an empty one has no percentile', () => {
  expect(new Histogram().percentile(0.5)).toBeNull()
  expect(Histogram.decode(new Histogram().encode()).count).toBe(0)
})

test('known minimum and maximum narrow the answer', () => {
  expect(of([10_000]).percentile(0.99, 10_000, 10_000)).toBe(10_000)
})

test('zero and one microsecond share the lowest bucket', () => {
  expect(of([0, 1, 0.5]).buckets.get(-1)).toBe(3)
  expect(of([1]).percentile(0.5)).toBe(1)
})

test('large counts survive encoding', () => {
  const histogram = new Histogram()
  histogram.add(700, 2 ** 40 + 3)
  expect(Histogram.decode(histogram.encode()).buckets.get(700)).toBe(2 ** 40 + 3)
})

test('a flat list of a tally adds like its values', () => {
  const histogram = new Histogram()
  histogram.addFlat([exponentialIndex(500), 3, exponentialIndex(9000), 1])
  expect(histogram.percentile(0.5)! / 500).toBeCloseTo(1, 1)
  expect(histogram.count).toBe(4)
})
