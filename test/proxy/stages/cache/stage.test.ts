// The cache as a client and an origin see it: RFC 9111, 5861, 9211 and 9110 rule by rule.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Headers } from '../../../../proxy/lib/headers.ts'
import { ProxyError } from '../../../../proxy/pipeline/errors.ts'
import { Reply } from '../../../../proxy/pipeline/reply.ts'
import { cache } from '../../../../proxy/stages/cache/cache.ts'
import { HandBody, ok, ReadyBody, stageEnv } from '../support.ts'
import { cacheStatus, counting, notModified, settle, told, World } from './world.ts'

const FRESH = { 'cache-control': 'max-age=60' }
const cut = () => {
  throw new ProxyError('connection_refused', 'refused')
}

describe('schema', () => {
  it('is off where it says false and has the documented bounds where it says true', () => {
    expect(cache.create(cache.schema(z).parse(false), stageEnv())).toBeUndefined()
    expect(cache.schema(z).parse(true)).toMatchObject({
      on: true,
      disk: true,
      ttlS: {},
      graceS: -1,
      heuristicCapS: 0,
      maxObjectBytes: 10 * 1024 ** 2,
      memoryBytes: 64 * 1024 ** 2,
    })
    expect(cache.schema(z).parse({ memory: '1mb' })).toMatchObject({ memoryBytes: 1024 ** 2 })
    expect(cache.schema(z).safeParse({ memroy: '1mb' }).success).toBe(false)
  })
})

describe('hit and miss', () => {
  it('answers the second request itself, with Age and Cache-Status', async () => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    const first = await world.get()
    expect(told(first)).toEqual(['answer 1', 'miss', ['miss', 'stored']])
    expect(cacheStatus(first)).toBe('oriel; fwd=uri-miss; ttl=60; stored')
    expect(first.headers.has('age')).toBe(false)
    world.pass(20)
    const second = await world.get()
    expect(told(second)).toEqual(['answer 1', 'hit', ['hit']])
    expect(second.headers.get('age')).toBe('20')
    expect(cacheStatus(second)).toBe('oriel; hit; ttl=40')
    expect(second.x.notes[0]).toMatchObject({ a: 20, b: 40 })
    expect(second.x.answeredBy).toBe('cache')
    expect(world.asked.length).toBe(1)
  })

  it('one use of an entry does not change the next', async () => {
    const world = new World(counting(FRESH))
    await world.get()
    const one = await world.get()
    one.headers.set('content-type', 'changed')
    expect((await world.get()).headers.get('content-type')).toBe('text/plain')
  })

  it.each([
    ['another query', { url: 'http://app.example.com/?a' }],
    ['another port', { url: 'http://app.example.com:81/' }],
    ['another scheme', { scheme: 'https' as const }],
  ])('is not fooled by %s', async (_what, ask) => {
    const world = new World(counting(FRESH))
    await world.get()
    expect((await world.get(ask)).x.cache).toBe('miss')
  })

  it('says why something was not stored', async () => {
    const world = new World(counting({ ...FRESH, 'set-cookie': 'a=b' }))
    const seen = await world.get()
    expect(seen.x.notes.at(-1)).toMatchObject({ reason: 'not-stored', text: 'set-cookie' })
    expect(cacheStatus(seen)).toBe('oriel; fwd=uri-miss; detail=set-cookie')
  })

  it('stores a redirect without a body', async () => {
    const world = new World(() => {
      const reply = ok('', { ...FRESH, location: '/b' })
      reply.status = 301
      reply.body = null
      reply.headers.delete('content-length')
      return reply
    })
    await world.get()
    const { status, x } = await world.get()
    expect([status, x.cache]).toEqual([301, 'hit'])
  })

  it('stores a 204 without giving it a length (RFC 9110 section 8.6)', async () => {
    const world = new World(() => new Reply(204, Headers.of(FRESH)))
    await world.get()
    const { headers, x } = await world.get()
    expect([x.cache, headers.has('content-length')]).toEqual(['hit', false])
  })

  it('answers HEAD from what GET stored, and stores nothing for HEAD (RFC 9110 section 9.3.2)', async () => {
    const world = new World(counting(FRESH))
    expect((await world.get({ method: 'HEAD' })).x.cache).toBe('miss')
    expect((await world.get()).x.cache).toBe('miss')
    const head = await world.get({ method: 'HEAD' })
    expect([head.x.cache, head.headers.get('content-length'), head.body.length]).toEqual(['hit', '8', 0])
  })

  it('takes no part in a dry run', async () => {
    const world = new World(counting(FRESH))
    const dry = await world.get({ dry: true })
    expect(told(dry)[2]).toEqual(['miss'])
    expect(world.room.store.entries).toBe(0)
    await world.get()
    expect((await world.get({ dry: true })).x.cache).toBe('hit')
  })
})

describe('not whole, not stored (section 3.3)', () => {
  it.each([
    ['broken off', () => ok(new ReadyBody(['half'], -1, new Error('cut')), FRESH), 'incomplete'],
    [
      'shorter than announced',
      () => ok(new ReadyBody(['half']), { ...FRESH, 'content-length': '9' }),
      'incomplete',
    ],
    ['larger than allowed', () => ok(new ReadyBody(['x'.repeat(10_001)]), FRESH), 'too-large'],
    ['announced larger than allowed', () => ok('x', { ...FRESH, 'content-length': '10001' }), 'too-large'],
  ])('%s', async (_what, origin, why) => {
    const world = new World(origin)
    const { x } = await world.get()
    expect(x.notes.at(-1)).toMatchObject({ reason: 'not-stored', text: why })
    expect(world.room.store.entries).toBe(0)
  })

  it('the client leaves half-way', async () => {
    const body = new HandBody()
    const world = new World(() => ok(body, FRESH))
    const { x, client } = world.begin()
    await settle()
    body.push('half')
    client.leave(x)
    expect(body.cancelled).toBe(true)
    expect([world.room.store.entries, world.room.flights.size]).toEqual([0, 0])
    expect(world.room.store.reserve(1_000_000)).toBe(true)
  })

  it('collects in chunks and stores one body', async () => {
    const world = new World(() => ok(new ReadyBody(['one ', 'two ', 'three']), FRESH))
    await world.get()
    expect((await world.get()).body.toString()).toBe('one two three')
  })
})

describe('past the cache', () => {
  it.each([
    ['method', { method: 'POST' }, 'oriel; fwd=method'],
    ['request-body', { body: new ReadyBody(['x']) }, 'oriel; fwd=bypass; detail=request-body'],
    ['no-store', { headers: { 'cache-control': 'no-store' } }, 'oriel; fwd=bypass; detail=no-store'],
    ['precondition', { headers: { 'if-match': '"a"' } }, 'oriel; fwd=bypass; detail=precondition'],
    ['upgrade', { upgrade: 'websocket' }, 'oriel; fwd=bypass; detail=upgrade'],
    ['range', { headers: { range: 'bytes=0-1' } }, 'oriel; fwd=bypass; detail=range'],
  ])('%s', async (why, ask, status) => {
    const world = new World(counting(FRESH))
    const { x, headers } = await world.get(ask)
    expect([x.cache, x.notes[0]!.text, headers.get('cache-status')]).toEqual(['bypass', why, status])
    expect(world.room.store.entries).toBe(0)
  })

  it('keeps an authorised user away from what was stored for anybody (section 3.5)', async () => {
    const world = new World(counting(FRESH))
    await world.get()
    const own = await world.get({ headers: { authorization: 'Bearer x' } })
    expect(told(own)).toEqual(['answer 2', 'bypass', ['bypass']])
    const shared = new World(counting({ 'cache-control': 'public, max-age=60' }))
    await shared.get({ headers: { authorization: 'Bearer x' } })
    expect((await shared.get()).x.cache).toBe('hit')
    expect((await shared.get({ headers: { authorization: 'Bearer y' } })).x.cache).toBe('hit')
  })
})

describe('what goes upstream while filling', () => {
  it('has no override, condition or range of this client’s, whose own fields stay as they were', async () => {
    const world = new World(counting(FRESH))
    const headers = {
      'x-original-url': '/admin',
      'x-http-method-override': 'DELETE',
      'if-none-match': '"z"',
      'accept-encoding': 'gzip;q=0.5, deflate, br',
      accept: '*/*',
    }
    const { x } = await world.get({ headers })
    expect(world.asked[0]!.fields).toEqual({ accept: '*/*', 'accept-encoding': 'br, gzip' })
    expect(x.headers.get('x-original-url')).toBe('/admin')
    expect(x.headers.get('accept-encoding')).toBe('gzip;q=0.5, deflate, br')
  })

  it('holds the client’s own condition against the whole answer, and stores that', async () => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    const first = await world.get({ headers: { 'if-none-match': 'W/"a"' } })
    expect([first.status, first.body.length, first.headers.has('content-type')]).toEqual([304, 0, false])
    expect(told(await world.get())).toEqual(['answer 1', 'hit', ['hit']])
  })
})

describe('vary (section 4.1)', () => {
  it('keeps a variant for each value and says when one is missing', async () => {
    const world = new World(x =>
      ok(x.headers.get('accept-language') ?? 'none', { ...FRESH, vary: 'Accept-Language' }),
    )
    const get = (language: string) => world.get({ headers: { 'accept-language': language } })
    expect(told(await get('de'))).toEqual(['de', 'miss', ['miss', 'stored']])
    const other = await get('fr')
    expect(told(other)).toEqual(['fr', 'miss', ['vary-miss', 'stored']])
    expect(cacheStatus(other)).toContain('fwd=vary-miss')
    expect(told(await get('de'))).toEqual(['de', 'hit', ['hit']])
    expect(told(await get('fr'))).toEqual(['fr', 'hit', ['hit']])
    expect(told(await world.get())).toEqual(['none', 'miss', ['vary-miss', 'stored']])
  })

  it('adds Accept-Encoding where an origin encodes and does not say so', async () => {
    const world = new World(() => ok('zipped', { ...FRESH, 'content-encoding': 'gzip' }))
    await world.get({ headers: { 'accept-encoding': 'gzip' } })
    expect((await world.get({ headers: { 'accept-encoding': 'gzip;q=0.3' } })).x.cache).toBe('hit')
    expect((await world.get()).x.cache).toBe('miss')
  })

  it('tells apart by all fields when an origin varies by other ones now and then', async () => {
    let vary = 'a'
    const world = new World(x => ok(`${x.headers.get('a')}${x.headers.get('b')}`, { ...FRESH, vary }))
    await world.get({ headers: { a: '1', b: '1' } })
    vary = 'b'
    await world.get({ headers: { a: '2', b: '1' } })
    expect(told(await world.get({ headers: { a: '2', b: '1' } }))[1]).toBe('hit')
    expect(told(await world.get({ headers: { a: '3', b: '1' } }))[0]).toBe('31')
  })
})

describe('conditions and ranges from a fresh entry', () => {
  const world = new World(() =>
    ok('0123456789', { ...FRESH, etag: '"a"', 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' }),
  )

  it.each([
    [{ 'if-none-match': '"a"' }, 304, '', null],
    [{ 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }, 304, '', null],
    [{ 'if-none-match': '"b"' }, 200, '0123456789', null],
    [{ range: 'bytes=2-4' }, 206, '234', 'bytes 2-4/10'],
    [{ range: 'bytes=-2' }, 206, '89', 'bytes 8-9/10'],
    [{ range: 'bytes=50-' }, 416, '', 'bytes */10'],
    [{ range: 'bytes=0-9, 3-4' }, 200, '0123456789', null],
    [{ range: 'bytes=2-4', 'if-range': '"a"' }, 206, '234', 'bytes 2-4/10'],
    [{ range: 'bytes=2-4', 'if-range': '"b"' }, 200, '0123456789', null],
    [{ range: 'bytes=2-4', 'if-none-match': '"a"' }, 304, '', null],
  ])('%j → %i', async (headers, status, text, contentRange) => {
    await world.get()
    const seen = await world.get({ headers: headers as unknown as Record<string, string> })
    expect([seen.status, seen.body.toString()]).toEqual([status, text])
    expect(seen.headers.get('content-range') ?? null).toBe(contentRange)
    expect(seen.x.cache).toBe('hit')
    if (status !== 304) expect(seen.headers.get('content-length')).toBe(String(text.length))
    expect(seen.headers.get('etag')).toBe('"a"')
  })
})

describe('revalidation (section 4.3)', () => {
  it('asks with what was stored; a 304 updates the head and the body stays', async () => {
    const world = new World(
      counting({ ...FRESH, etag: '"a"', 'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT' }),
    )
    await world.get()
    world.pass(61)
    world.origin = () => notModified({ 'cache-control': 'max-age=100', etag: '"a"', 'x-new': '1' })
    const seen = await world.get()
    expect(world.asked[1]!.fields).toMatchObject({
      'if-none-match': '"a"',
      'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT',
    })
    expect(told(seen)).toEqual(['answer 1', 'revalidated', ['expired', 'revalidated']])
    expect(cacheStatus(seen)).toBe('oriel; fwd=stale; fwd-status=304; ttl=100; stored')
    world.pass(99)
    const later = await world.get()
    expect([later.x.cache, later.headers.get('x-new'), later.headers.get('cache-control')]).toEqual([
      'hit',
      '1',
      'max-age=100',
    ])
  })

  it('takes a whole answer in the old one’s place', async () => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    await world.get()
    world.pass(61)
    expect(told(await world.get())).toEqual(['answer 2', 'miss', ['expired', 'stored']])
    expect(told(await world.get())[0]).toBe('answer 2')
  })

  it('forgets an entry whose 304 forbids to store it, and still answers', async () => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    await world.get()
    world.pass(61)
    world.origin = () => notModified({ 'cache-control': 'no-store' })
    const seen = await world.get()
    expect(told(seen)).toEqual(['answer 1', 'revalidated', ['expired', 'revalidated', 'not-stored']])
    expect(world.room.store.entries).toBe(0)
  })

  it('answers the client’s own condition after it', async () => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    await world.get()
    world.pass(61)
    world.origin = () => notModified({ ...FRESH })
    expect((await world.get({ headers: { 'if-none-match': '"a"' } })).status).toBe(304)
  })

  it.each(['no-cache', 'max-age=5'])('is asked for by a client’s %s (section 5.2.1)', async control => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    await world.get()
    world.pass(10)
    world.origin = () => notModified({ ...FRESH })
    const seen = await world.get({ headers: { 'cache-control': control } })
    expect([seen.x.cache, cacheStatus(seen)]).toEqual([
      'revalidated',
      'oriel; fwd=request; fwd-status=304; ttl=60; stored',
    ])
  })

  it('is asked for by Pragma: no-cache where there is no Cache-Control (section 5.4)', async () => {
    const world = new World(counting(FRESH))
    await world.get()
    expect((await world.get({ headers: { pragma: 'no-cache' } })).body.toString()).toBe('answer 2')
  })

  it('only-if-cached gets 504 rather than the upstream (section 5.2.1.7)', async () => {
    const world = new World(counting(FRESH))
    const only = { headers: { 'cache-control': 'only-if-cached' } }
    expect((await world.get(only)).status).toBe(504)
    await world.get()
    expect((await world.get(only)).status).toBe(200)
    world.pass(61)
    expect((await world.get(only)).status).toBe(504)
    expect(world.asked.length).toBe(1)
  })
})

describe('stale (RFC 5861)', () => {
  const grace = { 'cache-control': 'max-age=60, stale-while-revalidate=30, stale-if-error=300', etag: '"a"' }

  it('answers at once and revalidates behind, once', async () => {
    const world = new World(counting(grace))
    await world.get()
    world.pass(70)
    let release = () => {}
    world.origin = () => new Promise(resolve => (release = () => resolve(ok('new', grace))))
    const [one, two] = [await world.get(), await world.get()]
    expect(told(one)).toEqual(['answer 1', 'stale', ['stale']])
    expect(cacheStatus(one)).toBe('oriel; hit; ttl=-10; detail=stale-while-revalidate')
    expect(told(two)[1]).toBe('stale')
    expect(world.asked.length).toBe(2)
    expect(world.asked[1]!.fields['if-none-match']).toBe('"a"')
    release()
    await settle()
    expect(told(await world.get())).toEqual(['new', 'hit', ['hit']])
  })

  it('a 304 behind makes it fresh again; a failure leaves it and the next request tries again', async () => {
    const world = new World(counting(grace))
    await world.get()
    world.pass(70)
    world.origin = cut
    await world.get()
    await settle()
    world.origin = () => notModified({})
    expect((await world.get()).x.cache).toBe('stale')
    await settle()
    const seen = await world.get()
    expect([seen.x.cache, seen.headers.get('age')]).toEqual(['hit', '0'])
  })

  it('an answer behind that must not be stored takes the old one away', async () => {
    const world = new World(counting(grace))
    await world.get()
    world.pass(70)
    world.origin = () => ok('mine', { 'cache-control': 'private' })
    await world.get()
    await settle()
    expect(world.room.store.entries).toBe(0)
  })

  it('stands in for an upstream that fails, as long as allowed (section 4)', async () => {
    const world = new World(counting(grace))
    await world.get()
    world.pass(100)
    world.origin = cut
    const seen = await world.get()
    expect([seen.status, ...told(seen)]).toEqual([200, 'answer 1', 'stale', ['expired', 'stale']])
    expect(cacheStatus(seen)).toBe('oriel; fwd=stale; ttl=-40; detail=stale-if-error')
    expect([seen.x.error, seen.x.answeredBy]).toEqual(['', 'cache'])
    world.pass(300)
    expect((await world.get()).status).toBe(502)
  })

  it('stands in for an answer of 503', async () => {
    const world = new World(counting(grace))
    await world.get()
    world.pass(100)
    world.origin = () => {
      const reply = ok('down')
      reply.status = 503
      return reply
    }
    const seen = await world.get()
    expect([seen.status, seen.body.toString(), seen.x.cache]).toEqual([200, 'answer 1', 'stale'])
    expect(cacheStatus(seen)).toBe('oriel; fwd=stale; fwd-status=503; ttl=-40; detail=stale-if-error')
  })

  it('never where must-revalidate says so (RFC 9111 section 5.2.2.2)', async () => {
    const world = new World(counting({ 'cache-control': 'max-age=60, stale-if-error=300, must-revalidate' }))
    await world.get()
    world.pass(61)
    world.origin = cut
    expect((await world.get()).status).toBe(502)
  })

  it('passes an error page through unstored', async () => {
    const world = new World(cut)
    const { status, headers, x } = await world.get()
    expect([status, headers.get('cache-status'), x.error]).toEqual([
      502,
      'oriel; fwd=uri-miss',
      'connection_refused',
    ])
    expect(world.room.flights.size).toBe(0)
  })
})

describe('invalidation (section 4.4)', () => {
  const get = (world: World, path: string) => world.get({ url: `http://app.example.com${path}` })

  it('an unsafe method that succeeds takes away its target, Location and Content-Location', async () => {
    const world = new World(counting(FRESH))
    for (const path of ['/a', '/b', '/c', '/d']) await get(world, path)
    world.origin = () => ok('done', { location: '/b', 'content-location': 'http://app.example.com/c' })
    const post = await world.get({ method: 'POST', url: 'http://app.example.com/a' })
    expect(post.x.notes.at(-1)).toMatchObject({ reason: 'invalidated', a: 3 })
    world.origin = counting(FRESH)
    const verdicts = []
    for (const path of ['/a', '/b', '/c', '/d']) verdicts.push((await get(world, path)).x.cache)
    expect(verdicts).toEqual(['miss', 'miss', 'miss', 'hit'])
  })

  it('one that fails does not', async () => {
    const world = new World(counting(FRESH))
    await world.get()
    world.origin = () => {
      const reply = ok('no')
      reply.status = 409
      return reply
    }
    await world.get({ method: 'PUT' })
    expect((await world.get()).x.cache).toBe('hit')
  })

  it('takes all variants with it', async () => {
    const world = new World(counting({ ...FRESH, vary: 'a' }))
    await world.get({ headers: { a: '1' } })
    await world.get({ headers: { a: '2' } })
    await world.get({ method: 'DELETE' })
    expect((await world.get({ headers: { a: '1' } })).x.cache).toBe('miss')
    expect((await world.get({ headers: { a: '2' } })).x.cache).toBe('miss')
  })

  it('a fetch that began before it does not bring the old answer back', async () => {
    const body = new HandBody()
    const world = new World(x => (x.method === 'GET' ? ok(body, FRESH) : ok('done')))
    const { seen } = world.begin()
    await settle()
    await world.get({ method: 'POST' })
    body.push('old')
    body.end()
    expect((await seen).x.notes.at(-1)).toMatchObject({ reason: 'not-stored', text: 'invalidated' })
  })
})
