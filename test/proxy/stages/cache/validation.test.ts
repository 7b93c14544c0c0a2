// What is stored stays what the origin says it is: HEAD, 304s of other versions, contradictions, parts, immutable.
import { describe, expect, it } from 'vitest'
import { Headers } from '../../../../proxy/lib/headers.ts'
import { Reply } from '../../../../proxy/pipeline/reply.ts'
import { parseDirectives } from '../../../../proxy/stages/cache/directives.ts'
import { mayStore } from '../../../../proxy/stages/cache/storable.ts'
import { ok, ReadyBody } from '../support.ts'
import { cacheStatus, counting, notModified, settle, told, World } from './world.ts'

const NOW = Date.UTC(2026, 0, 1)
const FRESH = { 'cache-control': 'max-age=60' }
const http = (ms: number) => new Date(ms).toUTCString()
const store = (flat: string[], status = 200) =>
  mayStore(status, Headers.from(flat), { authorized: false, askedMs: NOW, gotMs: NOW })

describe('HEAD (section 4.3.5)', () => {
  const head = (fields: Record<string, string>) => () => new Reply(200, Headers.of(fields))

  it.each([
    ['the same ETag freshens what is stored', { ...FRESH, etag: '"a"' }, 'hit'],
    ['the same length, too', { ...FRESH, etag: '"a"', 'content-length': '8' }, 'hit'],
    ['another ETag puts it out of date', { ...FRESH, etag: '"b"' }, 'miss'],
    ['another date', { ...FRESH, etag: '"a"', 'last-modified': http(NOW) }, 'miss'],
    ['another length', { ...FRESH, etag: '"a"', 'content-length': '9' }, 'miss'],
    ['no-store takes it away', { 'cache-control': 'no-store', etag: '"a"' }, 'miss'],
  ])('%s', async (_what, fields, verdict) => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    await world.get()
    world.pass(61)
    world.origin = head({ ...fields, 'x-new': '1' } as unknown as Record<string, string>)
    const seen = await world.get({ method: 'HEAD' })
    expect(cacheStatus(seen)).toMatch(/^oriel; fwd=stale/)
    expect(world.asked[1]!.fields).not.toHaveProperty('if-none-match')
    world.origin = counting(FRESH)
    const next = await world.get()
    expect(next.x.cache).toBe(verdict)
    if (verdict === 'hit')
      expect([next.headers.get('x-new'), next.headers.get('content-length')]).toEqual(['1', '8'])
  })

  it('of an error says nothing about it', async () => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    await world.get()
    world.pass(61)
    world.origin = () => new Reply(404, Headers.of(FRESH))
    await world.get({ method: 'HEAD' })
    expect(world.room.store.entries).toBe(1)
  })
})

describe('a 304', () => {
  it('of another version is not taken for this one (section 4.3.4)', async () => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    await world.get()
    world.pass(61)
    world.origin = () => notModified({ ...FRESH, etag: '"b"' })
    const seen = await world.get()
    expect([seen.body.toString(), cacheStatus(seen)]).toEqual([
      'answer 1',
      'oriel; fwd=stale; fwd-status=304; ttl=-1; detail=validator',
    ])
    expect(world.room.store.entries).toBe(0)
  })

  it('does not make a user’s answer everybody’s (section 3.5)', async () => {
    const world = new World(counting({ 'cache-control': 'public, max-age=60', etag: '"a"' }))
    await world.get({ headers: { authorization: 'Bearer one' } })
    world.pass(61)
    world.origin = () => notModified({ 'cache-control': 'max-age=60', etag: '"a"' })
    await world.get()
    expect(world.room.store.entries).toBe(0)
  })

  it('with a cookie is for its own client', async () => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    await world.get()
    world.pass(61)
    world.origin = () => notModified({ ...FRESH, 'set-cookie': 'session=1' })
    expect((await world.get()).headers.get('set-cookie')).toBe('session=1')
    world.origin = counting(FRESH)
    expect((await world.get()).headers.has('set-cookie')).toBe(false)
  })
})

describe('immutable (RFC 8246)', () => {
  const IMMUTABLE = { 'cache-control': 'max-age=60, immutable' }
  it.each([
    ['max-age=0', 10, 'hit'],
    ['min-fresh=100', 10, 'hit'],
    ['no-cache', 10, 'miss'],
    ['max-age=0', 61, 'miss'],
  ])('a reload with %s at age %i: %s', async (control, ageS, verdict) => {
    const world = new World(counting(IMMUTABLE))
    await world.get()
    world.pass(ageS)
    expect((await world.get({ headers: { 'cache-control': control } })).x.cache).toBe(verdict)
  })
})

describe('statuses (section 3)', () => {
  it.each([
    200, 203, 204, 299, 300, 301, 302, 303, 307, 308, 403, 404, 405, 410, 414, 451, 500, 501, 503, 599,
  ])('%i is stored where it says how long it is fresh, and not where it does not', status => {
    expect(store(['cache-control', 'max-age=60'], status)).toMatchObject({ lifetimeS: 60 })
    expect(store([], status)).toBe('no-freshness')
  })

  it.each([
    [200, 'must-understand, no-store, max-age=60', 60],
    [299, 'must-understand, no-store, max-age=60', 'must-understand'],
    [299, 'must-understand, max-age=60', 'must-understand'],
    [200, 'no-store, max-age=60', 'no-store'],
  ])('%i with %s (section 5.2.2.3)', (status, control, outcome) => {
    const freshness = store(['cache-control', control], status)
    expect(typeof freshness === 'string' ? freshness : freshness.lifetimeS).toBe(outcome)
  })
})

describe('what contradicts itself: the stricter counts', () => {
  it.each([
    [['cache-control', 'max-age=60', 'cache-control', 'max-age=5'], 5],
    [['cache-control', 'max-age=60', 'cache-control', 'no-store'], 'no-store'],
    [['cache-control', 's-maxage=60, s-maxage=x'], 'no-freshness'],
    [['expires', http(NOW + 60_000), 'expires', http(NOW + 9000), 'date', http(NOW)], 9],
    [['expires', http(NOW + 60_000), 'expires', '0'], 'no-freshness'],
    [['expires', http(NOW + 60_000), 'date', http(NOW), 'date', http(NOW - 9000)], 60],
    [['cache-control', 'max-age=60', 'vary', 'a', 'vary', '*'], 'vary-star'],
    [['cache-control', 'max-age=60', 'age', '5', 'age', '70'], 'no-freshness'],
    [['cache-control', 'max-age=60', 'age', '70, 5'], 'no-freshness'],
    [['cache-control', 'max-age=60', 'age', '99999999999999999999'], 'no-freshness'],
  ] as [string[], number | string][])('%j → %s', (flat, outcome) => {
    const freshness = store(flat)
    expect(typeof freshness === 'string' ? freshness : freshness.lifetimeS).toBe(outcome)
  })

  it('two Dates: the older tells the age', () => {
    const freshness = store(['cache-control', 'max-age=60', 'date', http(NOW), 'date', http(NOW - 9000)])
    expect(typeof freshness === 'string' ? freshness : NOW - freshness.bornMs).toBe(9000)
  })

  it('two ETags that differ are none', async () => {
    const world = new World(() => {
      const reply = ok('x', { ...FRESH, etag: '"a"' })
      reply.headers.append('etag', '"b"')
      return reply
    })
    await world.get()
    expect((await world.get({ headers: { 'if-none-match': '"a"' } })).status).toBe(200)
  })
})

describe('Cache-Control with garbage', () => {
  it.each([
    ['max-age=60;no-store', 0],
    ['max-age = 60', 0],
    ['max-age=60 no-store', 60],
    ['max-age="60', 0],
    ['foo="max-age=60, max-age=50', 0],
    ['"max-age=60", max-age=7', 7],
    ['\x01\x02, max-age=60', 60],
    ['max-age=+60', 0],
    ['max-age=0x10', 0],
    ['max-age=1e3', 0],
  ])('%j', (field, maxAge) => {
    expect(parseDirectives(field).maxAge).toBe(maxAge)
  })

  it.each(['max-age=60 no-store', 'foo="bar, no-store', 'no-store="x"', 'NO-STORE=', ',;no-store;,'])(
    'no-store is seen in %j',
    field => {
      expect(parseDirectives(field).noStore).toBe(true)
    },
  )

  it('of any length is read in time that does not explode', () => {
    const startMs = performance.now()
    for (const text of ['a="', 'private="a,', '"\\', 'max-age=1,', '=']) parseDirectives(text.repeat(4000))
    expect(performance.now() - startMs).toBeLessThan(500)
  })
})

describe('parts (RFC 9110 section 14)', () => {
  it('several come as multipart/byteranges, each with its place', async () => {
    const world = new World(() => ok('0123456789', { ...FRESH, etag: '"a"' }))
    await world.get()
    const seen = await world.get({ headers: { range: 'bytes=0-1, -2, 90-99' } })
    const type = seen.headers.get('content-type')!
    const boundary = /^multipart\/byteranges; boundary=([0-9a-f]{32})$/.exec(type)![1]!
    expect([seen.status, seen.headers.get('content-length')]).toEqual([206, String(seen.body.length)])
    expect([seen.headers.has('content-range'), seen.headers.get('etag')]).toEqual([false, '"a"'])
    const part = (range: string, text: string) =>
      `--${boundary}\r\ncontent-type: text/plain\r\ncontent-range: bytes ${range}/10\r\n\r\n${text}\r\n`
    expect(seen.body.toString()).toBe(`${part('0-1', '01')}${part('8-9', '89')}--${boundary}--\r\n`)
  })

  it.each([
    ['one that can be had of two comes alone', 'bytes=2-3, 50-', 206, '23'],
    ['none that can be had', 'bytes=50-, 60-70', 416, ''],
    ['more in all than there is: the whole', 'bytes=0-, 0-, 0-', 200, '0123456789'],
    ['more than sixteen: the whole', `bytes=${Array(17).fill('0-0').join()}`, 200, '0123456789'],
    ['one that cannot be read spoils all', 'bytes=0-1, x', 200, '0123456789'],
    ['empty elements do not', 'bytes=, 0-1 ,', 206, '01'],
  ])('%s', async (_what, range, status, text) => {
    const world = new World(() => ok('0123456789', FRESH))
    await world.get()
    const seen = await world.get({ headers: { range } })
    expect([seen.status, seen.body.toString()]).toEqual([status, text])
  })

  it.each([
    ['a date a second before Date is strong', 1000, 206],
    ['one in the same second is weak (section 8.8.2.2)', 0, 200],
  ])('If-Range: %s', async (_what, beforeMs, status) => {
    const lastModified = http(NOW - beforeMs)
    const world = new World(() =>
      ok('0123456789', { ...FRESH, date: http(NOW), 'last-modified': lastModified }),
    )
    await world.get()
    expect((await world.get({ headers: { range: 'bytes=0-1', 'if-range': lastModified } })).status).toBe(
      status,
    )
  })

  const part = (total: number, fields: Record<string, string> = FRESH) => {
    const reply = ok('01', { ...fields, 'content-range': `bytes 0-1/${total}` })
    reply.status = 206
    return reply
  }
  const range = { headers: { range: 'bytes=0-1' } }

  it('a part is never stored as the whole', async () => {
    const world = new World(() => part(10))
    await world.get(range)
    expect(world.room.store.entries).toBe(0)
    world.origin = () => ok('0123456789', FRESH)
    expect((await world.get()).body.toString()).toBe('0123456789')
  })

  it('a whole that is known to be small is fetched once, and parts are cut from it', async () => {
    const world = new World(x => ((x.asks ?? x.headers).has('range') ? part(10) : ok('0123456789', FRESH)))
    await world.get(range)
    const all = await Promise.all([world.get(range), world.get({ headers: { range: 'bytes=-1' } })])
    expect(all.map(one => [one.status, one.body.toString(), one.x.cache])).toEqual([
      [206, '01', 'collapsed'],
      [206, '9', 'collapsed'],
    ])
    expect(world.asked.length).toBe(2)
    expect((await world.get(range)).x.cache).toBe('hit')
  })

  it.each([
    ['is large', () => part(2 * 1024 ** 2)],
    ['is larger than what may be stored', () => part(10_001)],
    ['could not be stored', () => part(10, { 'cache-control': 'private' })],
  ])('one that %s is not fetched for a part', async (_what, origin) => {
    const world = new World(origin)
    await world.get(range)
    await world.get(range)
    expect(world.asked.map(one => one.fields.range)).toEqual(['bytes=0-1', 'bytes=0-1'])
  })

  it('one that is not small after all costs one fetch, not one for each part', async () => {
    const world = new World(x =>
      (x.asks ?? x.headers).has('range') ? part(10) : ok(new ReadyBody(['x'.repeat(20_000)]), FRESH),
    )
    await world.get(range)
    expect((await world.get(range)).status).toBe(206)
    world.origin = () => part(20_000)
    expect((await world.get(range)).status).toBe(206)
    expect(world.asked.filter(one => one.fields.range === undefined).length).toBe(1)
  })

  it('only-if-cached does not go upstream for one (section 5.2.1.7)', async () => {
    const world = new World(() => part(10))
    const seen = await world.get({ headers: { range: 'bytes=0-1', 'cache-control': 'only-if-cached' } })
    expect([seen.status, world.asked.length]).toEqual([504, 0])
  })

  it('of what was stale comes from the whole that is fetched instead', async () => {
    const world = new World(() => ok('0123456789', FRESH))
    await world.get()
    world.pass(61)
    const seen = await world.get({ headers: { range: 'bytes=2-3' } })
    expect([seen.status, seen.body.toString()]).toEqual([206, '23'])
    expect(world.asked[1]!.fields).not.toHaveProperty('range')
    await settle()
    expect(told(await world.get())[1]).toBe('hit')
  })
})

it('writes that are forgotten are remembered as the worst: no fetch from before them stores anything', () => {
  const world = new World(counting(FRESH))
  const { store } = world.room
  const began = store.sequence
  for (let i = 0; i < 1500; i++) store.invalidate(`http://app.example.com/${i}`)
  expect(store.outdated('http://app.example.com/0', began)).toBe(true)
  expect(store.outdated('http://app.example.com/0', store.sequence)).toBe(false)
})
