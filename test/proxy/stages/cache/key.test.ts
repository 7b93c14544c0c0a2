// What is in the key, and that what is not in it reaches nobody else.
import { describe, expect, it } from 'vitest'
import { primaryKey, recipe } from '../../../../proxy/stages/cache/key.ts'
import { exchange, ok } from '../support.ts'
import { counting, type Origin, World } from './world.ts'

const FRESH = { 'cache-control': 'max-age=60' }
const key = (over: Partial<{ drop: string[]; sort: boolean; headers: string[]; cookies: string[] }>) => ({
  key: { drop: [], sort: false, headers: [], cookies: [], ...over },
})
const query = (q: string) => ({ url: `http://app.example.com/?${q}` })

describe('query', () => {
  it.each([
    [['utm_*', 'fbclid'], false, 'a=1&utm_source=x&b=2&fbclid=3&utm_=', 'a=1&b=2'],
    [['a'], false, 'a&a=1&A=2&ab=3&%61=4', 'A=2&ab=3&%61=4'],
    [['*'], false, 'a=1&b', ''],
    [[], true, 'b=2&a=2&a=1&%62=0&c', '%62=0&a=2&a=1&b=2&c'],
    [[], false, 'b=2&a=1&&', 'b=2&a=1&&'],
    [['b'], true, 'c=%20+&b=1&a=ü', 'a=ü&c=%20+'],
  ])('drop %j, sort %j: %s → %s', (drop, sort, given, expected) => {
    expect(recipe({ drop, sort, headers: [], cookies: [] }).query(given)).toBe(expected)
  })

  it('what is not in the key is not asked for, so it cannot be reflected to others', async () => {
    const world = new World(
      x => ok(`for ${x.asksQuery ?? x.query}`, FRESH),
      key({ drop: ['utm_*'], sort: true }),
    )
    const first = await world.get(query('b=1&utm_x=%3Cscript%3E&a=2'))
    const second = await world.get(query('a=2&b=1'))
    expect([first.body.toString(), second.body.toString(), second.x.cache]).toEqual([
      'for a=2&b=1',
      'for a=2&b=1',
      'hit',
    ])
    expect(first.x.query).toBe('b=1&utm_x=%3Cscript%3E&a=2')
  })

  it('what was stored under another recipe is not taken for an answer under this one', () => {
    const x = exchange({ url: 'http://app.example.com/a' })
    const keys = [key({}), key({ drop: ['user'] }), key({ drop: ['utm_*'] }), key({ headers: ['x'] })]
    expect(new Set(keys.map(it => primaryKey(x, recipe(it.key)))).size).toBe(4)
  })
})

describe('headers and cookies', () => {
  const byTenant: Origin = x => ok(`${x.headers.get('x-tenant')} ${x.headers.get('cookie')}`, FRESH)

  it('tell stored responses apart, and a write takes all of them', async () => {
    const world = new World(byTenant, key({ headers: ['x-tenant'], cookies: ['currency'] }))
    const ask = (tenant: string, cookie: string) => world.get({ headers: { 'x-tenant': tenant, cookie } })
    await ask('a', 'currency=EUR; session=1')
    expect((await ask('a', 'session=2; currency=EUR')).x.cache).toBe('hit')
    expect((await ask('a', 'currency=USD')).x.cache).toBe('miss')
    expect((await ask('b', 'currency=EUR')).x.cache).toBe('miss')
    expect((await ask('b', 'xcurrency=EUR')).x.cache).toBe('miss')
    await world.get({ method: 'POST' })
    expect((await ask('a', 'currency=EUR')).x.cache).toBe('miss')
    expect((await ask('b', 'currency=EUR')).x.cache).toBe('miss')
  })

  it('two cookies of one name are not one of them', async () => {
    const world = new World(byTenant, key({ cookies: ['a'] }))
    await world.get({ headers: { cookie: 'a=1' } })
    expect((await world.get({ headers: { cookie: 'a=1; a=2' } })).x.cache).toBe('miss')
  })

  it('a fetch for one of them is not given to those who wait for another', async () => {
    const world = new World(byTenant, key({ headers: ['x-tenant'] }))
    const all = ['a', 'b', 'a', 'b'].map(tenant => world.begin({ headers: { 'x-tenant': tenant } }))
    const seen = await Promise.all(all.map(one => one.seen))
    expect(seen.map(one => one.body.toString().slice(0, 1))).toEqual(['a', 'b', 'a', 'b'])
    expect(world.asked.length).toBe(2)
  })

  it('one that is in the key passes, also where it could choose another resource', async () => {
    const world = new World(counting(FRESH), key({ headers: ['x-original-host'] }))
    await world.get({ headers: { 'x-original-host': 'a', 'x-original-url': '/b' } })
    expect(world.asked[0]!.fields).toMatchObject({ 'x-original-host': 'a' })
    expect(world.asked[0]!.fields).not.toHaveProperty('x-original-url')
  })
})

describe('the word of a trusted proxy', () => {
  it.each([
    [{ 'x-forwarded-host': 'a.example, b.example' }, { 'x-forwarded-host': 'b.example' }, true],
    [{ 'x-forwarded-host': 'a.example, b.example' }, { 'x-forwarded-host': 'a.example' }, false],
    [{ 'x-forwarded-proto': 'https' }, { 'x-forwarded-proto': 'http' }, false],
    [{ 'x-forwarded-for': '192.0.2.1' }, { 'x-forwarded-for': '192.0.2.2' }, true],
  ])('%j and %j have one key: %s', (one, other, same) => {
    const usual = recipe({ drop: [], sort: false, headers: [], cookies: [] })
    const of = (headers: Record<string, string>) => primaryKey(exchange({ headers, trusted: true }), usual)
    expect(of(one as Record<string, string>) === of(other as Record<string, string>)).toBe(same)
  })

  it('counts in Forwarded, too: the upstream is told what it says (RFC 7239)', () => {
    const usual = recipe({ drop: [], sort: false, headers: [], cookies: [] })
    const of = (host: string) => {
      const x = exchange({
        headers: { forwarded: `for=203.0.113.9;host=${host};proto=https` },
        trusted: true,
      })
      return primaryKey(x, usual)
    }
    expect(of('a.example')).not.toBe(of('b.example'))
  })
})
