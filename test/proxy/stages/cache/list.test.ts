// What stands in a worker's memory can be seen: also where nothing is on disk, and what a disk would not take.
import { expect, it } from 'vitest'
import type { WantedEntries } from '../../../../proxy/stages/cache/disk/listed-entry.ts'
import { listEntries } from '../../../../proxy/stages/cache/list.ts'
import { ok } from '../support.ts'
import { World } from './world.ts'

const ALL: WantedEntries = { host: '', prefix: '', tag: '', sort: 'used', limit: 50 }
const url = (path: string) => `http://app.example.com${path}`

/** /a is small and answers twice, /b is large, /c has a variant. */
async function filled(): Promise<World> {
  const world = new World(x => {
    const vary: Record<string, string> = x.path === '/c' ? { vary: 'accept-language' } : {}
    const tags: Record<string, string> = x.path === '/b' ? { 'cache-tag': 'large, b' } : {}
    return ok('x'.repeat(x.path === '/b' ? 500 : 10), { 'cache-control': 'max-age=60', ...vary, ...tags })
  })
  for (const path of ['/a', '/b', '/c', '/a', '/a']) {
    await world.get({ url: url(path), headers: { 'accept-language': 'de' } })
    world.pass(1)
  }
  return world
}

const list = (world: World, wanted: Partial<WantedEntries> = {}) =>
  listEntries(world.room.store, { ...ALL, ...wanted }, world.now)
const paths = (world: World, wanted: Partial<WantedEntries>) =>
  list(world, wanted).rows.map(row => new URL(row.url).pathname)

it('says of each what it is, how fresh, and what it saved', async () => {
  const world = await filled()
  const { rows, total } = list(world)
  expect(total).toBe(3)
  expect(rows[0]).toMatchObject({
    ...{ url: url('/a'), host: 'app.example.com', status: 200, bytes: 10, vary: [], variant: '', tags: [] },
    ...{ ageS: 5, ttlS: 55, hits: 2, savedBytes: 20, usedAt: world.now - 1000, copies: 1 },
  })
  expect(rows.find(row => row.url === url('/c'))).toMatchObject({ vary: ['accept-language'], variant: 'de' })
})

it('in the order that is asked for', async () => {
  const world = await filled()
  expect(paths(world, { sort: 'used' })).toEqual(['/a', '/c', '/b'])
  expect(paths(world, { sort: 'size' })[0]).toBe('/b')
  expect(paths(world, { sort: 'saved' })[0]).toBe('/a')
  expect(paths(world, { sort: 'stored' })[0]).toBe('/c')
  expect(list(world, { limit: 1 })).toMatchObject({ total: 3, rows: [{ url: url('/a') }] })
})

it('narrowed by host, beginning and tag', async () => {
  const world = await filled()
  expect(paths(world, { tag: 'large' })).toEqual(['/b'])
  expect(paths(world, { prefix: url('/c') })).toEqual(['/c'])
  expect(paths(world, { host: 'other.example.com' })).toEqual([])
})

it('looks at no more than it can in a moment, and then does not say how many there are', async () => {
  const world = new World(() => ok('x', { 'cache-control': 'max-age=60' }), { memoryBytes: 100_000_000 })
  for (let n = 0; n < 2001; n++) await world.get({ url: url(`/${n}`) })
  expect(list(world, { sort: 'size' })).toMatchObject({ total: null, rows: { length: 50 } })
})
