// Numbers that disagree are worse than none: counts are exact, rows are honest about what they stand for.
import { expect, test } from 'vitest'
import { Sampler } from '../../../proxy/record/sampler.ts'
import { Tally } from '../../../proxy/record/tally.ts'

const dull = { failed: false, slow: false, limited: false, retried: false, rare: false }
const what = {
  kind: 'server',
  route: 'r',
  upstream: 'u',
  method: 'GET',
  status: 200,
  cache: 'none',
  protocol: '1.1',
  error: '',
} as const

test('below the budget every exchange is a row that stands for itself', () => {
  const sampler = new Sampler(100)
  const kept = Array.from({ length: 100 }, (_, i) => sampler.decide(dull, 2000 + i))
  expect(kept.every(k => k?.weight === 1 && k.reason === 'budget')).toBe(true)
})

test('above it rows are thinned, their weights add up to what happened, and telling ones stay', () => {
  const sampler = new Sampler(100)
  let weight = 0
  let rows = 0
  for (let second = 2; second < 12; second++) {
    for (let i = 0; i < 5000; i++) {
      const kept = sampler.decide(dull, second * 1000 + i / 5)
      if (kept === undefined || second === 2) continue
      weight += kept.weight
      rows++
    }
  }
  expect(rows).toBeLessThan(9 * 200)
  expect(Math.abs(weight / 45_000 - 1)).toBeLessThan(0.05)
  expect(sampler.decide({ ...dull, failed: true }, 12_500)).toEqual({ reason: 'error', weight: 1 })
})

test('an outage cannot write without bound', () => {
  const sampler = new Sampler(10)
  let rows = 0
  for (let i = 0; i < 10_000; i++) if (sampler.decide({ ...dull, failed: true }, 2000 + i / 100)) rows++
  expect(rows).toBeLessThanOrEqual(40)
})

test('a tally is exact and is a delta', () => {
  const tally = new Tally()
  for (const us of [1000, 5000, 5001, 20_000_000]) tally.add(what, us, 10, 20, `t${us}`)
  tally.add({ ...what, status: 404 }, 7, 0, 0, '')
  const cells = tally.take()
  expect(cells).toHaveLength(2)
  expect(cells[0]).toMatchObject({
    count: 4,
    sumUs: 20_011_001,
    minUs: 1000,
    maxUs: 20_000_000,
    inBytes: 40,
    outBytes: 80,
  })
  expect(cells[0]!.exemplar).toBe('t20000000')
  expect(cells[0]!.buckets).toEqual([2, 1, ...new Array(12).fill(0), 1])
  expect(cells[0]!.exponential.filter((_, i) => i % 2).reduce((a, b) => a + b)).toBe(4)
  expect(tally.take()).toEqual([])
})

test('a client cannot make new cells by inventing methods', () => {
  const tally = new Tally()
  for (let i = 0; i < 1000; i++) tally.add({ ...what, method: `M${i}` }, 1, 0, 0, '')
  expect(tally.take().map(cell => [cell.method, cell.count])).toEqual([['_OTHER', 1000]])
})
