// Requests that a browser was talked into: rebound names, foreign pages, and the headers that bind our own.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isKnownHost } from '../../../control/admin/host-check.ts'
import { type TestAdmin, testAdmin, WRITE } from './support.ts'

let admin: TestAdmin
let cookie: string
beforeAll(async () => {
  admin = await testAdmin()
  cookie = await admin.cookie()
})
afterAll(() => admin.stop())

describe('the Host header', () => {
  test.each([
    'evil.example',
    'evil.example:9900',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '192.168.1.7:9900',
    '[::2]',
  ])('%s is refused before anything else', async host => {
    for (const path of ['/', '/healthz', '/api/v1/status', '/login?token=x']) {
      const reply = await admin.ask(path, { headers: { host, cookie, accept: 'text/html' } })
      expect([path, reply.status]).toEqual([path, 421])
      expect(reply.headers['content-security-policy']).toBeDefined()
    }
  })

  test.each(['localhost', 'LOCALHOST:1', 'oriel.localhost:9900', '127.0.0.1:80', '127.8.9.1', '[::1]:9900'])(
    '%s is taken',
    async host => {
      expect((await admin.ask('/healthz', { headers: { host } })).status).toBe(200)
    },
  )

  test('a listener on one address knows it, one on all knows every literal address', () => {
    expect(isKnownHost('10.0.0.5:9900', '10.0.0.5')).toBe(true)
    expect(isKnownHost('10.0.0.6:9900', '10.0.0.5')).toBe(false)
    expect(isKnownHost('[fd00::1]:9900', '')).toBe(true)
    expect(isKnownHost('10.0.0.6', '0.0.0.0')).toBe(true)
    expect(isKnownHost('evil.example', '0.0.0.0')).toBe(false)
    for (const host of [undefined, '', 'a b', '10.0.0.6:', '10.0.0.6@evil', '[::1'])
      expect(isKnownHost(host, '')).toBe(false)
  })
})

describe('a write', () => {
  const write = (headers: Record<string, string>, body = '{}') =>
    admin.ask('/api/v1/reload', { method: 'POST', headers, body })

  test('of the dashboard is taken', async () => {
    const browser = {
      'sec-fetch-site': 'same-origin',
      origin: 'http://localhost:9900',
      host: 'localhost:9900',
    }
    expect((await write({ ...WRITE, cookie })).status).toBe(200)
    expect((await write({ ...WRITE, cookie, ...browser })).status).toBe(200)
    expect((await write({ ...WRITE, cookie, origin: 'http://localhost', host: 'localhost:80' })).status).toBe(
      200,
    )
  })

  test.each<[string, Record<string, string>]>([
    ['without the header', { 'content-type': 'application/json' }],
    ['as a form', { 'x-oriel-request': '1', 'content-type': 'application/x-www-form-urlencoded' }],
    ['as plain text', { 'x-oriel-request': '1', 'content-type': 'text/plain' }],
    ['without a type', { 'x-oriel-request': '1' }],
    ['across sites', { ...WRITE, 'sec-fetch-site': 'cross-site' }],
    ['across origins of one site', { ...WRITE, 'sec-fetch-site': 'same-site' }],
    ['from a foreign origin', { ...WRITE, origin: 'https://evil.example' }],
    ['from another port', { ...WRITE, origin: 'http://localhost:3000', host: 'localhost:9900' }],
    ['from an opaque origin', { ...WRITE, origin: 'null' }],
  ])('%s is refused', async (_, headers) => {
    const before = admin.services.reloads
    expect((await write({ cookie, ...headers })).status).toBe(403)
    expect((await admin.ask('/login', { method: 'POST', headers, body: '{"token":"x"}' })).status).toBe(403)
    expect((await admin.ask('/logout', { method: 'POST', headers: { cookie, ...headers } })).status).toBe(403)
    expect(admin.services.reloads).toBe(before)
  })

  test('with a bearer token needs no header, but no foreign origin either', async () => {
    const authorization = `Bearer ${admin.cliToken}`
    expect((await admin.ask('/api/v1/reload', { method: 'POST', headers: { authorization } })).status).toBe(
      200,
    )
    expect((await write({ authorization, 'content-type': 'application/json' })).status).toBe(200)
    expect((await write({ authorization, 'content-type': 'text/plain' })).status).toBe(403)
    const foreign = { authorization, 'content-type': 'application/json', origin: 'https://evil.example' }
    expect((await write(foreign)).status).toBe(403)
  })
})

test('a read from a foreign origin is refused, and no answer allows one', async () => {
  const headers = { cookie, origin: 'https://evil.example' }
  expect((await admin.ask('/api/v1/status', { headers })).status).toBe(403)
  const preflight = { ...headers, 'access-control-request-method': 'POST' }
  const reply = await admin.ask('/api/v1/reload', { method: 'OPTIONS', headers: preflight })
  expect(reply.status).toBe(403)
  expect(Object.keys(reply.headers).filter(name => name.startsWith('access-control'))).toEqual([])
})

test('refusals are logged, a few a minute', async () => {
  const other = await testAdmin()
  for (let i = 0; i < 30; i++) await other.ask('/', { headers: { host: 'evil.example' } })
  expect(other.logged().match(/"status":421/g)).toHaveLength(10)
  await other.stop()
})

test('every answer carries the security headers', async () => {
  const paths = [
    '/',
    '/healthz',
    '/login',
    '/api/v1/status',
    '/api/v1/nothing',
    '/metrics',
    '/api/v1/heatmap?from=x',
  ]
  for (const headers of [{}, { cookie }, { accept: 'text/html' }, { host: 'evil.example' }]) {
    for (const path of paths) {
      const reply = await admin.ask(path, { headers })
      expect(reply.headers).toMatchObject({
        'content-security-policy':
          "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
      })
    }
  }
})
