// The memory tier holds to its budget, whatever comes.
import { describe, expect, it } from 'vitest'
import { Headers } from '../../../../proxy/lib/headers.ts'
import { variantsOf } from '../../../../proxy/lib/variants.ts'
import { NO_DIRECTIVES } from '../../../../proxy/stages/cache/directives.ts'
import { Entry } from '../../../../proxy/stages/cache/entry.ts'
import { CacheStore } from '../../../../proxy/stages/cache/store.ts'

const none = new Headers()

function entry(bytes: number): Entry {
  const freshness = {
    rules: NO_DIRECTIVES,
    lifetimeS: 60,
    bornMs: 0,
    vary: [],
    authorized: false,
    departs: '' as const,
    graceS: -1,
    staleIfErrorS: -1,
  }
  return new Entry(200, Headers.of({ 'content-type': 'text/plain' }), Buffer.alloc(bytes), freshness, 0)
}

function filled(): CacheStore {
  const store = new CacheStore()
  store.budget('a', 100_000)
  return store
}

describe('budget', () => {
  it('counts bodies, heads and keys, and is kept', () => {
    const store = filled()
    for (let i = 0; i < 10_000; i++) store.put(`http://a.example/${i}`, [], none, entry(i % 5000), 0)
    expect(store.bytes).toBeLessThanOrEqual(100_000)
    expect(store.bytes).toBeGreaterThan(50_000)
    const one = filled()
    one.put('k', [], none, entry(0), 0)
    expect(one.bytes).toBeGreaterThan(400)
  })

  it('refuses what is larger than all of it', () => {
    expect(filled().put('k', [], none, entry(100_001), 0)).toBe('too-large')
  })

  it('the largest of the routes’ counts, and what is held survives a change', () => {
    const store = filled()
    store.put('old', [], none, entry(10), 0)
    store.put('new', [], none, entry(10), 0)
    store.budget('b', 200_000)
    expect([store.budgetBytes, store.entries]).toEqual([200_000, 2])
    store.budget('b', 4000)
    expect(store.budgetBytes).toBe(100_000)
    store.budget('a', 600)
    expect(store.budgetBytes).toBe(4000)
    expect(store.find('new', none, true).entry).toBeDefined()
    expect(store.find('old', none, true).entry).toBeDefined()
  })

  it('evicts what was used least lately', () => {
    const store = filled()
    store.put('kept', [], none, entry(10), 0)
    for (let i = 0; i < 50; i++) {
      store.put(`k${i}`, [], none, entry(5000), 0)
      store.find('kept', none, false)
    }
    expect(store.find('kept', none, false).entry).toBeDefined()
    expect(store.find('k0', none, false).entry).toBeUndefined()
  })

  it('counts bodies on their way in', () => {
    const store = filled()
    expect([store.reserve(60_000), store.reserve(60_000)]).toEqual([true, false])
    store.release(60_000)
    expect(store.reserve(60_000)).toBe(true)
  })

  it('counts the encoded forms kept with a body', () => {
    const store = filled()
    const stored = entry(2000)
    store.put('k', [], none, stored, 0)
    expect(variantsOf(stored.body)).toBeUndefined()
    store.find('k', none, false)
    const before = store.bytes
    variantsOf(stored.body)!.add('gzip', Buffer.alloc(700))
    variantsOf(stored.body)!.add('br', Buffer.alloc(300))
    expect(store.bytes - before).toBe(1000)
  })
})

describe('variants', () => {
  it('more than 16 names are not told apart: not stored', () => {
    const names = Array.from({ length: 17 }, (_, i) => `n${i}`)
    expect(filled().put('k', names, none, entry(1), 0)).toBe('vary-star')
  })

  it('are out of reach once invalidated, and do not come back with the next of them', () => {
    const store = filled()
    const asks = (v: string) => Headers.of({ a: v })
    store.put('k', ['a'], asks('1'), entry(1), 0)
    store.put('k', ['a'], asks('2'), entry(1), 0)
    expect(store.invalidate('k')).toBe(true)
    expect(store.put('k', ['a'], asks('1'), entry(1), 0)).toBe('invalidated')
    store.put('k', ['a'], asks('1'), entry(1), store.sequence)
    expect(store.find('k', asks('1'), false).entry).toBeDefined()
    expect(store.find('k', asks('2'), false)).toMatchObject({ entry: undefined, varyMiss: true })
  })
})
