// Purges in a worker's memory: by whatever name, with what is under way; soft ones leave something to fall back on.
import { expect, test } from 'vitest'
import type { PurgeWords } from '../../../../proxy/stages/cache/purge/purge-words.ts'
import { readPurge } from '../../../../proxy/stages/cache/purge/read-purge.ts'
import { ok } from '../support.ts'
import { counting, notModified, told, World } from './world.ts'

function purge(world: World, words: PurgeWords): number {
  const read = readPurge(words)
  if (typeof read === 'string') throw new Error(read)
  return world.room.store.purge(read, world.now).count
}

const tagged = () =>
  counting({ 'cache-control': 'max-age=60', 'cache-tag': 'red, blue', 'surrogate-key': 'k' })

test.each<[string, PurgeWords]>([
  ['tag', { tags: ['blue'] }],
  ['surrogate key', { tags: ['k'] }],
  ['host', { hosts: ['app.example.com'] }],
  ['prefix', { prefixes: ['http://app.example.com/'] }],
  ['everything', { all: true }],
])('by %s: counted, then gone', async (_, words) => {
  const world = new World(tagged())
  await world.get()
  expect(purge(world, { ...words, dryRun: true })).toBe(1)
  expect(told(await world.get())[1]).toBe('hit')
  expect(purge(world, words)).toBe(1)
  expect(told(await world.get())[1]).toBe('miss')
})

test('by a tag of the route, where the origin sends none; also after a confirmation', async () => {
  const world = new World(counting({ 'cache-control': 'max-age=60', etag: '"a"' }), { tags: ['shop'] })
  await world.get()
  world.pass(61)
  world.origin = () => notModified({ etag: '"a"' })
  await world.get()
  expect(purge(world, { tags: ['shop'] })).toBe(1)
})

test('tags are not for clients, neither at a hit nor at a miss', async () => {
  const world = new World(tagged())
  for (const seen of [await world.get(), await world.get()]) {
    expect(seen.headers.has('cache-tag')).toBe(false)
    expect(seen.headers.has('surrogate-key')).toBe(false)
  }
})

test('a soft purge asks the upstream again and can still stand in for it', async () => {
  const world = new World(() => ok('old', { 'cache-control': 'max-age=60, stale-if-error=60' }))
  await world.get()
  expect(purge(world, { hosts: ['app.example.com'], soft: true })).toBe(1)
  world.origin = () => {
    const reply = ok('broken')
    reply.status = 503
    return reply
  }
  expect(told(await world.get()).slice(0, 2)).toEqual(['old', 'stale'])
})

test('what was being fetched when the purge came is not stored', async () => {
  const world = new World(tagged())
  const gate = Promise.withResolvers<void>()
  const origin = world.origin
  world.origin = async x => {
    await gate.promise
    return origin(x)
  }
  const first = world.get()
  await Promise.resolve()
  purge(world, { tags: ['red'] })
  gate.resolve()
  await first
  expect(told(await world.get())[1]).toBe('miss')
})
