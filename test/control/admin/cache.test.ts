// The cache's part of the API: who may purge, and that a wrong pattern is named and nothing is taken.
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PurgeSecret } from '../../../control/admin/contract-cache.ts'
import { type TestAdmin, testAdmin, WRITE } from './support.ts'

let admin: TestAdmin
let secret: string
const bearer = () => ({ ...WRITE, authorization: `Bearer ${admin.cliToken}` })
const post = (path: string, given: unknown, headers: Record<string, string>) => {
  const body = typeof given === 'string' ? given : JSON.stringify(given)
  const length = { 'content-length': String(Buffer.byteLength(body)) }
  return admin.ask(path, { method: 'POST', headers: { ...headers, ...length }, body })
}

beforeAll(async () => {
  admin = await testAdmin()
  secret = ((await post('/api/v1/cache/secret', {}, bearer())).json as PurgeSecret).secret
})
afterAll(() => admin.stop())

function signed(body: string, { atS = Date.now() / 1000, by = secret } = {}): Record<string, string> {
  const t = Math.floor(atS)
  const mac = createHmac('sha256', by).update(`${t}.${body}`).digest('hex')
  return {
    ...WRITE,
    authorization: `Oriel-Signature t=${t}, v1=${mac}`,
  }
}

test.each<[unknown, string]>([
  [{}, 'nothing to purge'],
  [{ urls: ['/news'] }, '"/news": expected an absolute URL'],
  [{ tags: ['ok', 'not ok'] }, '"not ok": expected a tag'],
  [{ tags: 'red' }, 'body.tags'],
  [{ urls: Array.from({ length: 101 }, () => 'http://a.test/') }, 'body.urls'],
  [{ everything: true }, 'everything'],
])('%j is 400 and says what is wrong', async (body, named) => {
  const before = admin.services.purged.length
  const reply = await post('/api/v1/cache/purge', body, bearer())
  expect([reply.status, reply.body]).toEqual([400, expect.stringContaining(named.replaceAll('"', '\\"'))])
  expect(admin.services.purged.length).toBe(before)
})

test('a logged-in person purges, and cannot read the secret', async () => {
  const headers = { ...WRITE, cookie: await admin.cookie() }
  const reply = await post('/api/v1/cache/purge', { hosts: ['App.test'], dryRun: true }, headers)
  expect([reply.status, reply.json]).toEqual([200, expect.objectContaining({ entries: 3, dryRun: true })])
  expect(admin.services.purged.at(-1)).toMatchObject({ hosts: ['app.test'], dryRun: true, soft: false })
  expect((await post('/api/v1/cache/secret', {}, headers)).status).toBe(403)
})

test.each([
  ['another body', (body: string) => signed(`${body} `)],
  ['another secret', (body: string) => signed(body, { by: 'x'.repeat(43) })],
  ['an old time', (body: string) => signed(body, { atS: Date.now() / 1000 - 400 })],
  ['a time to come', (body: string) => signed(body, { atS: Date.now() / 1000 + 400 })],
  ['no signature', (body: string) => ({ ...signed(body), authorization: 'Oriel-Signature' })],
])('a signature of %s is refused', async (_, headers) => {
  const body = '{"all":true}'
  expect((await post('/api/v1/cache/purge', body, headers(body))).status).toBe(401)
})

test('a signature is good once, for purging alone, and for nothing after the secret has changed', async () => {
  const body = '{"tags":["once"]}'
  const headers = signed(body)
  expect((await post('/api/v1/cache/purge', body, headers)).status).toBe(200)
  expect((await post('/api/v1/cache/purge', body, headers)).status).toBe(401)
  const other = signed('{}')
  expect((await post('/api/v1/reload', '{}', other)).status).toBe(403)
  expect((await admin.ask('/api/v1/status', { headers: other })).status).toBe(403)
  const before = signed('{"tags":["later"]}')
  await post('/api/v1/cache/secret', { rotate: true }, bearer())
  expect((await post('/api/v1/cache/purge', '{"tags":["later"]}', before)).status).toBe(401)
})

test('entries and advice are asked with checked parameters', async () => {
  const headers = { cookie: await admin.cookie() }
  await admin.ask('/api/v1/cache/entries?host=app.test&sort=saved&limit=20&after=12.5:3', { headers })
  expect(admin.services.asked.at(-1)).toEqual({
    question: 'cacheEntries',
    params: { host: 'app.test', prefix: '', tag: '', sort: 'saved', after: '12.5:3', limit: 20 },
  })
  for (const wrong of ['sort=url', 'after=1', 'limit=1000', 'other=1'])
    expect((await admin.ask(`/api/v1/cache/entries?${wrong}`, { headers })).status).toBe(400)
})
