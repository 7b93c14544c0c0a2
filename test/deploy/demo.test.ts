// The demo shop and its visitors: cache fields, validators, sessions, SSE, WebSocket and seeded failures.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { parse } from 'yaml'
import { parse as check } from '../../config/load.ts'
import { demoConfig } from '../../deploy/demo/config.ts'
import { type Shop, startShop } from '../../deploy/demo/shop.ts'
import { createTemperament, type Mood } from '../../deploy/demo/temperament.ts'
import { startVisitors } from '../../deploy/demo/visitors.ts'

let shop: Shop
let base: string

beforeAll(async () => {
  shop = await startShop({ name: 'a', port: 0, seed: 3, tickMs: 10 })
  base = `http://127.0.0.1:${shop.port}`
})
afterAll(() => shop.close())

const fetchShop = (path: string, init?: RequestInit) => fetch(base + path, { redirect: 'manual', ...init })

const post = (path: string, form: Record<string, string>, cookie = '') =>
  fetchShop(path, { method: 'POST', body: new URLSearchParams(form), headers: { cookie } })

const cookieOf = (res: Response) => res.headers.getSetCookie()[0]?.split(';')[0] ?? ''

describe('resources', () => {
  test.each([
    ['/', 200, 'text/html; charset=utf-8', 'public, max-age=10'],
    ['/product/5', 200, 'text/html; charset=utf-8', 'public, max-age=10'],
    ['/product/999', 404, 'text/html; charset=utf-8', 'no-store'],
    ['/search?q=ember', 200, 'text/html; charset=utf-8', 'public, max-age=5'],
    ['/cart', 200, 'text/html; charset=utf-8', 'private, no-store'],
    ['/login', 200, 'text/html; charset=utf-8', 'private, no-store'],
    ['/api/products?page=2', 200, 'application/json', 'public, max-age=5'],
    ['/api/products/7', 200, 'application/json', 'public, max-age=5'],
    ['/image/3.svg', 200, 'image/svg+xml', 'public, max-age=3600'],
    ['/chat', 200, 'text/html; charset=utf-8', 'public, max-age=60'],
    ['/healthz', 200, 'text/plain', 'no-store'],
    ['/wp-login.php', 404, 'text/html; charset=utf-8', 'no-store'],
  ])('%s answers %i as %s with %s', async (path, status, type, cache) => {
    const res = await fetchShop(path)
    await res.arrayBuffer()
    expect(res.status).toBe(status)
    expect(res.headers.get('content-type')).toBe(type)
    expect(res.headers.get('cache-control')).toBe(cache)
    expect(res.headers.get('x-shop-backend')).toBe('a')
  })

  test.each([
    ['/', 'catalogue'],
    ['/product/5', 'product-5'],
    ['/api/products/5', 'product-5'],
    ['/image/5.svg', 'images, product-5'],
  ])('%s says what it shows, so that it can be purged by %s', async (path, tags) => {
    const res = await fetchShop(path)
    await res.arrayBuffer()
    expect(res.headers.get('cache-tag')).toBe(tags)
  })

  test.each(['/', '/api/products', '/image/3.svg'])('%s is revalidated by its ETag', async path => {
    const first = await fetchShop(path)
    await first.arrayBuffer()
    const tag = first.headers.get('etag') ?? ''
    expect(tag).toMatch(/^".+"$/)
    for (const field of [tag, `"other", W/${tag}`, '*']) {
      const again = await fetchShop(path, { headers: { 'if-none-match': field } })
      expect(again.status).toBe(304)
      expect(again.headers.get('etag')).toBe(tag)
    }
    const changed = await fetchShop(path, { headers: { 'if-none-match': '"other"' } })
    await changed.arrayBuffer()
    expect(changed.status).toBe(200)
  })

  test('HEAD has the head of GET and no body; another method gets 405 with Allow', async () => {
    const head = await fetchShop('/image/3.svg', { method: 'HEAD' })
    const body = await (await fetchShop('/image/3.svg')).text()
    expect(Number(head.headers.get('content-length'))).toBe(Buffer.byteLength(body))
    const refused = await fetchShop('/cart', { method: 'DELETE' })
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
  })

  test('a page names no other host and escapes what the visitor typed', async () => {
    const html = await (await fetchShop('/search?q=%3Cscript%3Ealert(1)%3C/script%3E')).text()
    expect(html).not.toContain('<script>alert')
    expect(html).not.toMatch(/(src|href|action)="(https?:)?\/\//)
  })
})

describe('session', () => {
  test('the cart adds up in the cookie and survives a change of backend', async () => {
    const first = await post('/cart', { id: '2', quantity: '2' })
    expect([first.status, first.headers.get('location')]).toEqual([303, '/cart'])
    const second = await post('/cart', { id: '2' }, cookieOf(first))
    const other = await startShop({ name: 'b', port: 0 })
    const res = await fetch(`http://127.0.0.1:${other.port}/cart`, { headers: { cookie: cookieOf(second) } })
    expect(await res.text()).toContain('<td>Harbour vase</td><td>3</td>')
    await other.close()
  })

  test('login takes the right password only; a broken cookie is a new visitor', async () => {
    expect((await post('/login', { name: 'mira', password: 'wrong' })).status).toBe(401)
    const signedIn = await post('/login', { name: 'mira', password: 'demo' })
    expect(signedIn.status).toBe(303)
    expect(signedIn.headers.get('cache-control')).toBe('private, no-store')
    const page = await fetchShop('/login', { headers: { cookie: cookieOf(signedIn) } })
    expect(await page.text()).toContain('Hello, mira.')
    expect((await fetchShop('/cart', { headers: { cookie: 'shop=%%%' } })).status).toBe(200)
  })

  test('a form that is too large gets 413', async () => {
    expect((await post('/cart', { id: 'x'.repeat(20_000) })).status).toBe(413)
  })
})

describe('live', () => {
  test('the ticker sends price events', async () => {
    const res = await fetchShop('/ticker')
    expect(res.headers.get('content-type')).toBe('text/event-stream')
    let text = ''
    const decoder = new TextDecoder()
    for await (const part of res.body!) {
      text += decoder.decode(part)
      if (text.includes('id: 3\n')) break
    }
    expect(text).toMatch(/event: price\ndata: {"id":\d+,"priceCents":\d+}\n\n/)
  })

  test('the chat says each message to everyone in the room', async () => {
    const url = `ws://127.0.0.1:${shop.port}/chat`
    const [one, two] = [new WebSocket(url), new WebSocket(url)]
    const [hello] = await Promise.all([once(one, 'message'), once(two, 'message')])
    expect(JSON.parse(String(hello[0])).text).toContain('room a')
    const heard = Promise.all([once(one, 'message'), once(two, 'message')])
    one.send(JSON.stringify({ text: 'good clay' }))
    for (const [data] of await heard) expect(JSON.parse(String(data)).text).toBe('good clay')
    const closed = once(two, 'close')
    two.send('not JSON')
    expect((await closed)[0]).toBe(1003)
    one.terminate()
  })

  test('an upgrade elsewhere is refused', async () => {
    const socket = new WebSocket(`${base.replace('http', 'ws')}/cart`)
    const [error] = await once(socket, 'error')
    expect(String(error)).toContain('404')
  })
})

describe('failures', () => {
  const moods = (seed: number, count: number): Mood[] =>
    Array.from({ length: count }, createTemperament('c', seed))

  test('the same seed misbehaves in the same way, at the promised rate', () => {
    expect(moods(5, 500)).toEqual(moods(5, 500))
    expect(moods(5, 500)).not.toEqual(moods(6, 500))
    const all = moods(5, 20_000)
    const errors = all.filter(mood => typeof mood.failure === 'number').length
    expect(errors / all.length).toBeGreaterThan(0.017)
    expect(errors / all.length).toBeLessThan(0.023)
    expect(all.filter(mood => mood.failure === 'cut').length).toBeGreaterThan(10)
    expect(all.filter(mood => mood.delayMs > 800).length).toBeGreaterThan(100)
    expect(Array.from({ length: 5000 }, createTemperament('a', 5)).every(mood => !mood.failure)).toBe(true)
  })

  /** A seed whose first request has the wanted failure. */
  const seedFor = (failure: Mood['failure']) => {
    let seed = 1
    while (createTemperament('c', seed)().failure !== failure) seed++
    return seed
  }

  test.each([500, 503] as const)('backend c answers %i when its seed says so', async status => {
    const moody = await startShop({ name: 'c', port: 0, seed: seedFor(status) })
    const res = await fetch(`http://127.0.0.1:${moody.port}/`)
    await res.arrayBuffer()
    expect(res.status).toBe(status)
    await moody.close()
  })

  test('backend c cuts a body so that the client can tell', async () => {
    const moody = await startShop({ name: 'c', port: 0, seed: seedFor('cut') })
    const [res] = (await once(httpGet(`http://127.0.0.1:${moody.port}/`), 'response')) as [IncomingMessage]
    let sizeBytes = 0
    res.on('data', (part: Buffer) => (sizeBytes += part.length)).on('error', () => {})
    await new Promise(resolve => res.on('close', resolve))
    expect(res.complete).toBe(false)
    expect(sizeBytes).toBeGreaterThan(0)
    expect(sizeBytes).toBeLessThan(Number(res.headers['content-length']))
    await moody.close()
  })
})

describe('visitors', () => {
  test('send mixed traffic and stop when told', async () => {
    const ending = new AbortController()
    const { counts } = startVisitors({
      url: base,
      host: 'shop.localhost',
      signal: ending.signal,
      ratePerSecond: 400,
    })
    await expect
      .poll(() => [...counts.keys()].sort(), { timeout: 8000 })
      .toEqual(expect.arrayContaining([200, 303, 304, 404]))
    ending.abort()
    expect(startVisitors({ url: base, host: 'x', signal: ending.signal }).counts.size).toBe(0)
  })

  test('survive a gate that is not there, and refuse any host that is not loopback', async () => {
    const ending = new AbortController()
    const gone = await startShop({ name: 'a', port: 0 })
    await gone.close()
    const url = `http://127.0.0.1:${gone.port}`
    const { counts } = startVisitors({ url, host: 'x', signal: ending.signal, ratePerSecond: 200 })
    await expect.poll(() => counts.get(0) ?? 0).toBeGreaterThan(3)
    ending.abort()
    const { signal } = ending
    expect(() => startVisitors({ url: 'http://example.com', host: 'x', signal })).toThrow(TypeError)
  })
})

test('the demo configuration is YAML with the five addresses in place', () => {
  const text = demoConfig({
    http: 8080,
    https: ':8443',
    admin: 9900,
    data: '/tmp/a b',
    ports: [4001, 4002, 4003],
  })
  const config = parse(text)
  expect(config.listen).toEqual({ http: '127.0.0.1:8080', https: ':8443' })
  expect(config).toMatchObject({ admin: '127.0.0.1:9900', data: '/tmp/a b' })
  expect(Object.keys(config.routes)).toContain('shop.localhost/api/*')
  expect(config.routes['shop.localhost'].to).toEqual(['127.0.0.1:4001', '127.0.0.1:4002', '127.0.0.1:4003'])
  expect(config.routes['shop.localhost/chat'].to).toEqual(['127.0.0.1:4001'])
})

test.each([
  ['demo', demoConfig({ http: 8080, https: 8443, admin: 9900, data: './data', ports: [4001, 4002, 4003] })],
  ['image', readFileSync(new URL('../../deploy/oriel.yaml', import.meta.url), 'utf8')],
])('the configuration of the %s passes the check', (_name, text) => {
  const outcome = check(text, 'oriel.yaml')
  expect(outcome.ok ? [] : outcome.problems).toEqual([])
})
