// The array form of a histogram says what the sparse one says.
import { expect, test } from 'vitest'
import { Histogram } from '../../../telemetry/metrics/histogram.ts'
import { DurationSum } from '../../../telemetry/query/duration-sum.ts'
import { randomFrom } from '../records.ts'

const sorted = (h: Histogram) => [h.scale, h.count, [...h.buckets].sort((a, b) => a[0] - b[0])]

test('adding encoded histograms, of either scale, in any order', () => {
  const random = randomFrom(51)
  for (let round = 0; round < 50; round++) {
    const sum = new DurationSum()
    const expected = new Histogram()
    for (let i = 0; i < 10; i++) {
      const part = new Histogram()
      for (let n = 0; n < 50; n++)
        part.record(Math.round(10 ** (random() * 12)), 1 + Math.floor(random() * 1e6))
      if (random() < 0.2) part.downscale(4)
      sum.mergeEncoded(part.encode())
      expected.merge(part)
    }
    sum.record(777, 3)
    expected.record(777, 3)
    expect(sorted(sum.toHistogram())).toEqual(sorted(expected))
  }
})

test('a duration beyond all bounds counts in the last slot', () => {
  const sum = new DurationSum()
  sum.record(2 ** 52, 2)
  sum.record(0, 1)
  expect(sum.toHistogram().count).toBe(3)
})
