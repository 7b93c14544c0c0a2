// Whoever debugs sees what the cache did: on every answer of a cached route, whatever became of it (RFC 9211).
import { expect, it } from 'vitest'
import { Headers } from '../../../../proxy/lib/headers.ts'
import { ProxyError } from '../../../../proxy/pipeline/errors.ts'
import { Reply } from '../../../../proxy/pipeline/reply.ts'
import { type Ask, ok, ReadyBody } from '../support.ts'
import { cacheStatus, counting, World } from './world.ts'

const FRESH = { 'cache-control': 'max-age=60', etag: '"a"' }

it.each<[string, Ask, number, string]>([
  ['a hit', {}, 200, 'oriel; hit; ttl=60'],
  ['HEAD', { method: 'HEAD' }, 200, 'oriel; hit; ttl=60'],
  ['a 304 of its own', { headers: { 'if-none-match': '"a"' } }, 304, 'oriel; hit; ttl=60'],
  ['a part', { headers: { range: 'bytes=0-1' } }, 206, 'oriel; hit; ttl=60'],
  ['a part that is not there', { headers: { range: 'bytes=99-' } }, 416, 'oriel; hit; ttl=60'],
  [
    'a request that wants it anew',
    { headers: { 'cache-control': 'no-cache' } },
    200,
    'oriel; fwd=request; ttl=60; stored',
  ],
  ['POST', { method: 'POST' }, 200, 'oriel; fwd=method'],
  ['OPTIONS', { method: 'OPTIONS' }, 200, 'oriel; fwd=method'],
  [
    'a request past the cache',
    { headers: { 'cache-control': 'no-store' } },
    200,
    'oriel; fwd=bypass; detail=no-store',
  ],
  ['a body in GET', { body: new ReadyBody(['x']) }, 200, 'oriel; fwd=bypass; detail=request-body'],
  [
    'only-if-cached',
    { url: 'http://app.example.com/other', headers: { 'cache-control': 'only-if-cached' } },
    504,
    'oriel; detail=only-if-cached',
  ],
])('%s says what the cache did', async (_what, ask, status, told) => {
  const world = new World(counting(FRESH))
  await world.get()
  const seen = await world.get(ask)
  expect([seen.status, cacheStatus(seen)]).toEqual([status, told])
})

it.each<[string, () => Reply, number, string]>([
  [
    'an error page of the upstream',
    () => new Reply(500, Headers.of({})),
    500,
    'oriel; fwd=uri-miss; detail=no-freshness',
  ],
  [
    'an upstream that cannot be reached',
    () => {
      throw new ProxyError('connection_refused', 'refused')
    },
    502,
    'oriel; fwd=uri-miss',
  ],
  [
    'a reply of others’ caches',
    () => ok('x', { 'cache-status': 'far; hit' }),
    200,
    'far; hit, oriel; fwd=uri-miss; detail=no-freshness',
  ],
])('%s says it, too', async (_what, origin, status, told) => {
  const seen = await new World(origin).get()
  const list = seen.headers.list('cache-status')?.replace(/; key="[0-9a-z]+"/, '')
  expect([seen.status, list]).toEqual([status, told])
})

it('a hit makes no object for a field: what is said again within a second is one head for all', async () => {
  const world = new World(counting(FRESH))
  await world.get()
  const heads = []
  for (let i = 0; i < 5; i++) heads.push((await world.get()).headers)
  expect(heads[4]!.shared).toBe(heads[3]!.shared)
  expect(heads[4]!.own).toEqual([])
  expect(heads[4]!.flat).toEqual(heads[0]!.flat)
  world.pass(1)
  const later = (await world.get()).headers
  expect([heads[4]!.get('age'), later.get('age')]).toEqual(['0', '1'])
})
