// One client's words must not become everybody's answer, nor one user's page.
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Headers } from '../../../../proxy/lib/headers.ts'
import { isOverride } from '../../../../proxy/stages/cache/overrides.ts'
import {
  BodyScan,
  needlesOf,
  Reflections,
  reflectedInHead,
  SCAN_BYTES,
} from '../../../../proxy/stages/cache/reflection.ts'
import { sentenceOf } from '../../../../telemetry/reasons.ts'
import { eventually } from '../../../support/oriel.ts'
import { HandBody, ok, ReadyBody, reasons } from '../support.ts'
import { cacheStatus, counting, type Origin, settle, World } from './world.ts'

const FRESH = { 'cache-control': 'max-age=60' }

describe('what is one user’s (reliability 229)', () => {
  it.each([
    ['Set-Cookie', { ...FRESH, 'set-cookie': 'session=1' }],
    ['Set-Cookie with public', { 'cache-control': 'public, max-age=60', 'set-cookie': 'session=1' }],
    ['private', { 'cache-control': 'max-age=60, private' }],
    ['private and public at once: the stricter', { 'cache-control': 'public, private, max-age=60' }],
    ['private in a second field', { 'cache-control': 'max-age=60', 'Cache-Control': 'private' }],
    ['private with a list that cannot be read', { 'cache-control': 'max-age=60, private="a b"' }],
    [
      'private with what the response is not the same without',
      { 'cache-control': 'max-age=60, private="etag"' },
    ],
    ['no-store', { 'cache-control': 'max-age=60, no-store' }],
    ['no-cache', { 'cache-control': 'max-age=60, no-cache' }],
    ['Vary: *', { ...FRESH, vary: '*' }],
    ['Vary: *, Foo', { ...FRESH, vary: '*, Foo' }],
    ['Vary: Foo,*', { ...FRESH, vary: 'Foo,*' }],
    ['a Vary that is no list of names', { ...FRESH, vary: 'cookie:a' }],
  ])('%s is never given to another', async (_what, fields) => {
    const world = new World(() => ok('mine', undefined))
    world.origin = () => {
      const reply = ok('mine')
      for (const [name, value] of Object.entries(fields)) reply.headers.append(name.toLowerCase(), value)
      return reply
    }
    await world.get()
    expect((await world.get()).x.cache).toBe('miss')
    expect(world.room.store.entries).toBe(0)
  })

  it.each([
    ['max-age=60', false],
    ['max-age=60, public', true],
    ['s-maxage=60', true],
    ['max-age=60, must-revalidate', true],
  ])('an answer to Authorization with %s is for others: %s (section 3.5)', async (control, shared) => {
    const world = new World(counting({ 'cache-control': control }))
    await world.get({ headers: { authorization: 'Bearer one' } })
    expect((await world.get()).x.cache === 'hit').toBe(shared)
  })

  it.each([['max-age=60, private="set-cookie, x-user"'], ['max-age=60, no-cache="Set-Cookie, X-User"']])(
    '%s keeps only those fields from others (sections 5.2.2.4, 5.2.2.7)',
    async control => {
      const world = new World(counting({ 'cache-control': control, 'set-cookie': 'a=b', 'x-user': 'me' }))
      const own = await world.get()
      expect([own.headers.get('set-cookie'), own.headers.get('x-user')]).toEqual(['a=b', 'me'])
      const other = await world.get()
      expect([other.x.cache, other.headers.has('set-cookie'), other.headers.has('x-user')]).toEqual([
        'hit',
        false,
        false,
      ])
    },
  )
})

describe('fields by which a client chooses another resource (reliability 230)', () => {
  const CHOOSERS =
    'x-forwarded-host x-original-url x-rewrite-url x-http-method-override x-forwarded-scheme x-forwarded-prefix x-host x-original-host x-method-override x-http-method x-forwarded-server x-invoke-path x-middleware-subrequest x-replaced-path front-end-https translate'.split(
      ' ',
    )

  it('do not reach the upstream of a cached route', async () => {
    const headers = Object.fromEntries(CHOOSERS.map(name => [name, 'evil.example']))
    const world = new World(x => {
      const { flat } = x.asks ?? x.headers
      // x-forwarded-host is written anew where the request is sent: see test/wire/cache.test.ts.
      const seen = flat.filter(
        (name, i) => i % 2 === 0 && name !== 'x-forwarded-host' && CHOOSERS.includes(name),
      )
      return ok(`seen: ${seen.join()}`, FRESH)
    })
    expect((await world.get({ headers })).body.toString()).toBe('seen: ')
    expect((await world.get()).x.cache).toBe('hit')
  })

  it('are a list that is kept, of sixty and more', () => {
    for (const name of CHOOSERS) expect(isOverride(name), name).toBe(name !== 'x-forwarded-host')
    for (const name of ['accept', 'cookie', 'user-agent', 'x-requested-with', 'x-forwarded-for'])
      expect(isOverride(name), name).toBe(false)
  })

  it('do not come to what is stored by way of HEAD either', async () => {
    const world = new World(counting(FRESH))
    await world.get()
    world.pass(61)
    await world.get({ method: 'HEAD', headers: { 'x-original-url': '/other' } })
    expect(world.asked[1]!.fields).not.toHaveProperty('x-original-url')
  })
})

describe('cache deception (reliability 231)', () => {
  it.each([
    '/account/x.css',
    '/account;x.css',
    '/account%2fx.css',
    '/account%3bx.css',
    '/account%23x.css',
    '/account%3fx.css',
    '/account/..%2fstatic/x.js',
    '/account/x.js?x.css',
  ])('%s: what an ending looks like stores nothing', async path => {
    const world = new World(counting({ 'last-modified': 'Thu, 01 Jan 2020 00:00:00 GMT', etag: '"a"' }))
    const url = `http://app.example.com${path}`
    await world.get({ url })
    expect(reasons((await world.get({ url })).x, 'cache')).toEqual(['miss', 'not-stored'])
    expect(world.room.store.entries).toBe(0)
  })

  it('and is another key than what it imitates', async () => {
    const world = new World(counting(FRESH))
    const paths = ['/a/x', '/a%2Fx', '/a;x', '/a%3Bx', '/a%23x', '/a', '/a%3Fx', '/a?x']
    for (const path of paths)
      expect((await world.get({ url: `http://h.example${path}` })).x.cache).toBe('miss')
  })
})

it.each(['GET', 'HEAD'])('a %s with a body is never stored nor answered from the store', async method => {
  const world = new World(counting(FRESH))
  await world.get({ method, body: new ReadyBody(['q=1']) })
  expect(world.room.store.entries).toBe(0)
  await world.get()
  const fat = await world.get({ method, body: new ReadyBody(['q=1']) })
  expect([fat.x.cache, fat.x.notes[0]!.text]).toEqual(['bypass', 'request-body'])
})

describe('the reflection detector', () => {
  const echo =
    (where: 'head' | 'body', header: string, fields: Record<string, string> = {}): Origin =>
    x => {
      const said = x.headers.get(header) ?? 'nothing'
      return where === 'head'
        ? ok('page', { ...FRESH, ...fields, 'x-link': `https://${said}/a` })
        : ok(`<p>${said}</p>`, { ...FRESH, 'content-type': 'text/html', ...fields })
    }

  it.each([
    ['head', 'x-theme-host', 'evil.example'],
    ['body', 'x-theme-host', 'evil.example'],
    ['body', 'user-agent', 'Mozilla/5.0 (Test)'],
    ['body', 'accept-language', '"><script>'],
    ['body', 'origin', 'https://evil.example'],
    ['body', 'referer', 'https://evil.example/path'],
    ['body', 'cookie', 'session=0123456789abcdef'],
  ] as const)('sees in the %s what %s said, stores nothing, and says so', async (where, header, value) => {
    const world = new World(echo(where, header))
    const { x, headers, body } = await world.get({ headers: { [header]: value } })
    expect(body.toString() + headers.get('x-link')).toContain(value)
    const name = header === 'cookie' ? 'cookie:session' : header
    expect(reasons(x, 'cache')).toEqual(['miss', 'reflected', 'not-stored'])
    expect(x.notes[1]).toMatchObject({ text: name })
    expect(sentenceOf(x.notes[1]!)).toContain(name.replace(':', ' '))
    expect(headers.get('cache-status')).toContain('detail=reflected')
    expect(world.room.reflections.list()).toEqual([{ route: 'app.example.com', header: name, count: 1 }])
    // The next one, who says nothing, gets a page of its own, and that is stored.
    expect((await world.get()).body.toString()).not.toContain(value)
    expect((await world.get()).x.cache).toBe('hit')
  })

  it.each([
    ['a field that is in Vary', 'x-theme-host', 'evil.example', { vary: 'X-Theme-Host' }],
    ['a word of the protocol', 'accept', 'text/html', {}],
    ['a short word', 'x-theme', 'dark', {}],
    ['the page’s own address', 'referer', 'http://app.example.com/shop', {}],
    ['where a search engine’s visitors come from', 'referer', 'https://www.google.com/', {}],
  ])('is quiet about %s', async (_what, header, value, fields) => {
    const world = new World(echo('body', header, fields as unknown as Record<string, string>))
    await world.get({ headers: { [header]: value } })
    expect((await world.get({ headers: { [header]: value } })).x.cache).toBe('hit')
  })

  describe('in a body that comes encoded', () => {
    const CODERS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }
    const page = (said: string) => `<p>${said}</p>${'and so on '.repeat(20_000)}`
    const encoded =
      (coding: keyof typeof CODERS, clean = false): Origin =>
      x => {
        const body = CODERS[coding](page(clean ? 'nobody' : (x.headers.get('x-theme-host') ?? 'nobody')))
        return ok(body, { ...FRESH, 'content-type': 'text/html', 'content-encoding': coding })
      }
    const EVIL = { 'x-theme-host': 'evil.example', 'accept-encoding': 'gzip, br, zstd, deflate' }
    const looked = ({ room }: World) =>
      eventually(
        async () => room.store.encoded!.underWay,
        count => count === 0,
      )

    it.each(['gzip', 'deflate', 'br', 'zstd'] as const)(
      '%s: takes it out again, and says so',
      async coding => {
        const world = new World(encoded(coding))
        expect(cacheStatus(await world.get({ headers: EVIL }))).toContain('stored')
        await looked(world)
        expect(world.room.reflections.list()).toEqual([
          { route: 'app.example.com', header: 'x-theme-host', count: 1 },
        ])
        expect((await world.get({ headers: { ...EVIL, 'x-theme-host': 'other.example' } })).x.cache).toBe(
          'miss',
        )
      },
    )

    it('of the first ones and then of a sample; of all, once one has repeated', async () => {
      const world = new World(encoded('gzip', true))
      const ask = (n: number) => world.get({ url: `http://app.example.com/${n}`, headers: EVIL })
      for (let n = 0; n < 16; n++) await ask(n)
      world.origin = encoded('gzip')
      // The 17th is passed over, the 65th is not.
      await ask(16)
      world.origin = encoded('gzip', true)
      for (let n = 17; n < 64; n++) await ask(n)
      await looked(world)
      const { reflections } = world.room
      expect(reflections.list()).toEqual([])
      world.origin = encoded('gzip')
      for (const n of [64, 65, 66]) {
        await ask(n)
        await looked(world)
      }
      expect(reflections.list()).toEqual([expect.objectContaining({ count: 3 })])
      world.origin = encoded('gzip', true)
      for (const [n, verdict] of [
        [63, 'hit'],
        [64, 'miss'],
        [65, 'miss'],
        [66, 'miss'],
      ] as const)
        expect((await ask(n)).x.cache).toBe(verdict)
    })

    it('of what is not what it says it is nothing comes', async () => {
      const world = new World(() =>
        ok('no gzip', { ...FRESH, 'content-type': 'text/html', 'content-encoding': 'gzip' }),
      )
      await world.get({ headers: EVIL })
      expect((await world.get({ headers: EVIL })).x.cache).toBe('hit')
    })
  })

  it('sees it in a 304 that would change what is stored', async () => {
    const world = new World(counting({ ...FRESH, etag: '"a"' }))
    await world.get()
    world.pass(61)
    world.origin = x => {
      const reply = ok('', { ...FRESH, etag: '"a"', 'x-link': x.headers.get('x-evil') ?? '' })
      reply.status = 304
      reply.body = null
      reply.headers.delete('content-length')
      return reply
    }
    const own = await world.get({ headers: { 'x-evil': 'evil.example' } })
    expect([own.x.cache, own.body.toString()]).toEqual(['revalidated', 'answer 1'])
    const other = await world.get()
    expect([other.x.cache, other.headers.get('x-link')]).toEqual(['revalidated', ''])
  })

  it('sees a value that comes in two pieces, and lets nobody read along before', async () => {
    const body = new HandBody()
    const world = new World(() => ok(body, { ...FRESH, 'content-type': 'text/html' }))
    const leader = world.begin({ headers: { 'x-evil': 'evil.example' } })
    const waiter = world.begin()
    await settle()
    body.push('<script src=//evil.ex')
    world.origin = counting(FRESH)
    body.push('ample></script>')
    body.end()
    expect((await leader.seen).x.notes.at(-1)).toMatchObject({ reason: 'not-stored', text: 'reflected' })
    expect((await waiter.seen).body.toString()).toBe('answer 1')
  })

  it('looks at the beginning only, and no further', () => {
    const needles = needlesOf(['x-evil', 'evil.example'], 'a')
    const scan = new BodyScan(needles)
    scan.look(Buffer.alloc(SCAN_BYTES, 'a'), false)
    expect([scan.done, scan.found]).toEqual([true, ''])
    expect(reflectedInHead(needles, Headers.of({ a: 'x', location: '//evil.example/' }))).toBe('x-evil')
  })

  it('is bounded, whatever names clients think of', () => {
    const many = Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'evil.example']).flat()
    expect(needlesOf(many, 'a').length).toBe(24)
    const cookies = Array.from({ length: 200 }, (_, i) => `c${i}=0123456789abcdef${i}`).join('; ')
    expect(needlesOf(['cookie', cookies], 'a').length).toBe(24)
    expect(needlesOf(['x', 'y.example'.repeat(1000)], 'a')[0]!.text.length).toBe(256)
    const found = new Reflections()
    for (let i = 0; i < 500; i++) found.add('a', `x-${i}`)
    expect(found.list().length).toBe(Reflections.maxPairs)
  })
})
