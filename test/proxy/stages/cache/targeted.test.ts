// What an origin says to caches like this one counts, and nothing else then (RFC 9213).
import { describe, expect, it } from 'vitest'
import { Headers } from '../../../../proxy/lib/headers.ts'
import { targetedRules } from '../../../../proxy/stages/cache/targeted.ts'
import { cacheStatus, counting, notModified, World } from './world.ts'

const rulesOf = (field: string) => targetedRules(Headers.of({ 'cdn-cache-control': field }))

describe('the field is a dictionary (RFC 9651)', () => {
  it.each([
    ['max-age=60', { maxAge: 60 }],
    ['max-age=60;x=1;y, no-store', { maxAge: 60, noStore: true }],
    ['max-age=60, max-age=5', { maxAge: 5 }],
    ['no-store=?1', { noStore: true }],
    ['no-store=?0, max-age=1', { noStore: false, maxAge: 1 }],
    ['private="set-cookie"', { private: false, fields: ['set-cookie'] }],
    ['unknown=(a b "c d");q=1, max-age=3', { maxAge: 3 }],
    ['max-age="60"', { maxAge: 0 }],
    ['max-age=60.5', { maxAge: 0 }],
    ['max-age=-1', { maxAge: 0 }],
    ['max-age', { maxAge: 0 }],
    ['  max-age=9  ', { maxAge: 9 }],
  ])('%s', (field, expected) => {
    expect(rulesOf(field)).toMatchObject(expected)
  })

  it.each([
    '',
    '   ',
    'max-age=60,',
    ',max-age=60',
    'Max-Age=60',
    'max-age=60 no-store',
    'max-age="',
    'a=(b',
  ])('one that cannot be read is as good as absent: %j (section 2.1)', field => {
    expect(rulesOf(field)).toBeUndefined()
  })

  it('is read in time that does not explode', () => {
    const startMs = performance.now()
    rulesOf(`a=(${'"b" '.repeat(4000)}`)
    rulesOf('a;'.repeat(4000))
    rulesOf(`${'a=1;b=2, '.repeat(2000)}!`)
    expect(performance.now() - startMs).toBeLessThan(500)
  })
})

describe('it counts instead of Cache-Control and Expires (section 2.2)', () => {
  const verdict = async (fields: Record<string, string>) => {
    const world = new World(counting(fields))
    await world.get()
    return (await world.get()).x.cache
  }

  it.each([
    [{ 'cdn-cache-control': 'max-age=60', 'cache-control': 'no-store' }, 'hit'],
    [{ 'cdn-cache-control': 'no-store', 'cache-control': 'max-age=60' }, 'miss'],
    [{ 'cdn-cache-control': 'must-revalidate', 'cache-control': 'max-age=60' }, 'miss'],
    [{ 'cdn-cache-control': 'public', expires: 'Thu, 01 Jan 2099 00:00:00 GMT' }, 'miss'],
    [{ 'cdn-cache-control': 'max-age=60,', 'cache-control': 'no-store' }, 'miss'],
    [{ 'oriel-cache-control': 'max-age=60', 'cdn-cache-control': 'no-store' }, 'hit'],
    [{ 'oriel-cache-control': 'no-store', 'cdn-cache-control': 'max-age=60' }, 'miss'],
    [{ 'oriel-cache-control': '!', 'cdn-cache-control': 'max-age=60' }, 'hit'],
  ])('%j → %s', async (fields, expected) => {
    expect(await verdict(fields as unknown as Record<string, string>)).toBe(expected)
  })

  it('our own field stays here, whether stored, served, passed by or confirmed; the other one travels on', async () => {
    const fields = { 'oriel-cache-control': 'max-age=60', 'cdn-cache-control': 'max-age=9', etag: '"a"' }
    const world = new World(counting(fields))
    const seen = [
      await world.get(),
      await world.get(),
      await world.get({ method: 'POST' }),
      await world.get(),
    ]
    world.pass(61)
    // The 304 does not repeat it: what was said with the whole still holds (RFC 9111 section 3.2).
    world.origin = () => notModified({ 'cache-control': 'no-store' })
    seen.push(await world.get(), await world.get())
    expect(seen.map(one => one.x.cache)).toEqual(['miss', 'hit', 'bypass', 'miss', 'revalidated', 'hit'])
    for (const one of seen) {
      expect(one.headers.has('oriel-cache-control')).toBe(false)
      if (one.x.cache !== 'bypass') expect(one.headers.get('cdn-cache-control')).toBe('max-age=9')
    }
    expect(cacheStatus(seen[4]!)).toBe('oriel; fwd=stale; fwd-status=304; ttl=60; stored')
  })
})
