// The dashboard's files: right types, cached when hashed, the page for its addresses, and no way out of the folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rawRequest } from '../../support/raw-client.ts'
import { type TestAdmin, testAdmin } from './support.ts'

const HTML = { accept: 'text/html,application/xhtml+xml' }
let folder: string
let admin: TestAdmin

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oriel-dashboard-'))
  const dashboard = join(folder, 'dist')
  mkdirSync(join(dashboard, 'assets'), { recursive: true })
  writeFileSync(join(folder, 'secret.json'), 'outside')
  writeFileSync(join(dashboard, '.hidden.json'), 'hidden')
  writeFileSync(join(dashboard, 'index.html'), '<!doctype html><p>page')
  writeFileSync(join(dashboard, 'theme.js'), '1')
  writeFileSync(join(dashboard, 'assets/index-BBIgT1JB.js'), '2')
  writeFileSync(join(dashboard, 'assets/geist-wght-normal-DjL33-gN.woff2'), '3')
  admin = await testAdmin({ dashboard })
})
afterAll(async () => {
  await admin.stop()
  rmSync(folder, { recursive: true, force: true })
})

test.each([
  ['/theme.js', '1', 'text/javascript; charset=utf-8', 'no-cache'],
  ['/assets/index-BBIgT1JB.js', '2', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ['/assets/geist-wght-normal-DjL33-gN.woff2', '3', 'font/woff2', 'public, max-age=31536000, immutable'],
])('%s', async (path, body, type, caching) => {
  const reply = await admin.ask(path)
  expect([reply.status, reply.body, reply.headers['content-type'], reply.headers['cache-control']]).toEqual([
    200,
    body,
    type,
    caching,
  ])
  const again = await admin.ask(path, { headers: { 'if-none-match': reply.headers.etag! } })
  expect([again.status, again.body]).toEqual([304, ''])
})

test.each(['/', '/requests', '/requests/1500-00000000000000aa', '/login', '/login?expired=1&next=%2F'])(
  '%s is the page when a browser opens it',
  async path => {
    const reply = await admin.ask(path, { headers: HTML })
    expect([reply.status, reply.body]).toEqual([200, '<!doctype html><p>page'])
    expect(reply.headers['cache-control']).toBe('no-cache')
  },
)

test('what is no page is none: data, files that are gone, programs, writes', async () => {
  for (const path of ['/api/v1/status', '/api', '/metrics', '/assets/gone-BBIgT1JB.js'])
    expect([path, (await admin.ask(path, { headers: HTML })).status]).toEqual([path, 401])
  expect((await admin.ask('/requests')).status).toBe(401)
  expect((await admin.ask('/requests', { method: 'POST', headers: HTML })).status).toBe(403)
})

test.each([
  '/../secret.json',
  '/%2e%2e/secret.json',
  '/..%2fsecret.json',
  '/assets/../../secret.json',
  '/assets/..%2f..%2fsecret.json',
  '/assets/%2e%2e/%2e%2e/secret.json',
  '/assets/..\\..\\secret.json',
  '/assets%5c..%5c..%5csecret.json',
  '//secret.json',
  '/.hidden.json',
  '/%2ehidden.json',
  '/theme.js%00.json',
  '/assets',
  '/assets/',
])('%s leads nowhere', async path => {
  const bytes = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
  const { text, statuses } = await rawRequest(admin.port, bytes)
  expect([400, 401, 404]).toContain(statuses[0])
  expect(text).not.toMatch(/outside|hidden/)
})

test('without a build the page says how to make one', async () => {
  const other = await testAdmin()
  const reply = await other.ask('/', { headers: HTML })
  expect([reply.status, reply.body]).toEqual([503, 'The dashboard is not built. Run: npm run build\n'])
  await other.stop()
})

test('a port in use is refused with the key that says so', async () => {
  const { startAdmin } = await import('../../../control/admin/server.ts')
  const { pino } = await import('pino')
  const { services, data, port } = admin
  const again = startAdmin({
    address: { host: '127.0.0.1', port },
    data,
    services,
    log: pino({ enabled: false }),
  })
  await expect(again).rejects.toThrow(`admin: 127.0.0.1:${port} is in use by another program`)
})
