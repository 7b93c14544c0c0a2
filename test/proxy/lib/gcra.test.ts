// GCRA against a token bucket that is slow and literal, and the bounds of its store.
import { describe, expect, it } from 'vitest'
import { GcraStore, gcra } from '../../../proxy/lib/gcra.ts'
import { seeded } from '../stages/support.ts'

describe('gcra', () => {
  it('lets a burst through, then one per interval', () => {
    const policy = { intervalMs: 100, burst: 3 }
    let tat = 0
    const ask = (now: number) => {
      const decision = gcra(tat, now, policy)
      if (decision.allowed) tat = decision.tatMs
      return decision
    }
    expect([1000, 1000, 1000, 1000].map(now => ask(now).allowed)).toEqual([true, true, true, false])
    expect(ask(1000)).toMatchObject({ retryAfterMs: 100, remaining: 0, resetMs: 300 })
    expect(ask(1100)).toMatchObject({ allowed: true, remaining: 0 })
    expect(ask(1400)).toMatchObject({ allowed: true, remaining: 2, resetMs: 100 })
  })

  it('does not hold a client to an allowance from before the limit became tighter', () => {
    const decision = gcra(1_000_000, 1000, { intervalMs: 10, burst: 5 })
    expect(decision.retryAfterMs).toBeLessThanOrEqual(50)
  })

  it('decides like a token bucket counted one by one', () => {
    const random = seeded(7)
    for (let run = 0; run < 200; run++) {
      const intervalMs = 1 + Math.floor(random() * 64)
      const burst = 1 + Math.floor(random() * 20)
      let now = 1 + Math.floor(random() * 1e6)
      let tat = 0
      // In units of one request × intervalMs, so that whole numbers stay whole.
      let bucket = burst * intervalMs
      for (let i = 0; i < 300; i++) {
        const pause =
          random() < 0.7 ? Math.floor(random() * intervalMs) : Math.floor(random() * intervalMs * burst)
        now += pause
        bucket = Math.min(burst * intervalMs, bucket + pause)
        const expected = bucket >= intervalMs
        const decision = gcra(tat, now, { intervalMs, burst })
        if (expected) bucket -= intervalMs
        const model = {
          allowed: expected,
          remaining: expected ? Math.floor(bucket / intervalMs) : 0,
          retryAfterMs: expected ? 0 : intervalMs - bucket,
        }
        const { allowed, remaining, retryAfterMs } = decision
        if (JSON.stringify({ allowed, remaining, retryAfterMs }) !== JSON.stringify(model)) {
          expect.soft({ allowed, remaining, retryAfterMs }, `run ${run}, request ${i}`).toEqual(model)
        }
        if (expected) tat = decision.tatMs
      }
    }
  })

  it('never lets more through in any span than the burst and the rate allow', () => {
    const random = seeded(11)
    let worst = Number.NEGATIVE_INFINITY
    for (let run = 0; run < 50; run++) {
      const policy = { intervalMs: 0.1 + random() * 50, burst: 1 + Math.floor(random() * 10) }
      const passed: number[] = []
      let tat = 0
      let now = 1
      for (let i = 0; i < 400; i++) {
        now += random() * policy.intervalMs
        const decision = gcra(tat, now, policy)
        if (!decision.allowed) continue
        tat = decision.tatMs
        passed.push(now)
      }
      for (let i = 0; i < passed.length; i++) {
        for (let j = i; j < passed.length; j++) {
          const allowed = policy.burst + (passed[j]! - passed[i]!) / policy.intervalMs
          worst = Math.max(worst, j - i + 1 - allowed)
        }
      }
    }
    expect(worst).toBeLessThanOrEqual(1e-3)
  })
})

describe('GcraStore', () => {
  const policy = { intervalMs: 100, burst: 2 }

  it('never holds more keys than its bound', () => {
    const store = new GcraStore(1000)
    for (let i = 0; i < 20_000; i++) store.take(`k${i}`, 5, policy, false)
    expect(store.size).toBeLessThanOrEqual(1000)
  })

  it('forgets keys whose allowance is whole again as new ones come', () => {
    const store = new GcraStore(100_000)
    for (let i = 0; i < 1000; i++) store.take(`old${i}`, 1, policy, false)
    for (let i = 0; i < 1100; i++) store.take(`new${i}`, 10_000 + i, policy, false)
    expect(store.size).toBeLessThan(1200)
  })

  it('keeps who is over the limit in preference to who is nearly whole', () => {
    const store = new GcraStore(4)
    store.take('greedy', 1, policy, false)
    store.take('greedy', 1, policy, false)
    for (let i = 0; i < 6; i++) store.take(`k${i}`, 1, policy, false)
    expect(store.take('greedy', 1, policy, false).allowed).toBe(false)
  })

  it('takes nothing when only asked', () => {
    const store = new GcraStore()
    for (let i = 0; i < 5; i++) expect(store.take('k', 1, policy, true).allowed).toBe(true)
    expect(store.size).toBe(0)
  })
})
