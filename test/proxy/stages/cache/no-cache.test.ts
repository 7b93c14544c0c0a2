// RFC 9111 section 5.2.2.4: what says no-cache saves bodies, and is never shown to anybody before the origin was asked.
import { describe, expect, it } from 'vitest'
import { ProxyError } from '../../../../proxy/pipeline/errors.ts'
import type { Reply } from '../../../../proxy/pipeline/reply.ts'
import { ok } from '../support.ts'
import { cacheStatus, counting, notModified, settle, told, World } from './world.ts'

const ASKED = { 'cache-control': 'no-cache', etag: '"a"' }

async function stored(fields: Record<string, string> = ASKED, rules = {}): Promise<World> {
  const world = new World(counting(fields), rules)
  await world.get()
  expect(world.room.store.entries).toBe(1)
  return world
}

describe('a response that says no-cache', () => {
  it('is stored, confirmed for each request, and its body sent from here', async () => {
    const world = await stored()
    world.origin = () => notModified({ etag: '"a"' })
    for (let i = 0; i < 3; i++) {
      const seen = await world.get()
      expect(told(seen)).toEqual(['answer 1', 'revalidated', ['expired', 'revalidated']])
      expect(cacheStatus(seen)).toBe('oriel; fwd=stale; fwd-status=304; ttl=0; stored')
    }
    expect(world.asked.slice(1).map(it => it.fields['if-none-match'])).toEqual(['"a"', '"a"', '"a"'])
  })

  it('gives way to the new one when the origin has that', async () => {
    const world = await stored()
    world.origin = () => ok('new', { 'cache-control': 'no-cache', etag: '"b"' })
    expect((await world.get()).body.toString()).toBe('new')
    world.origin = () => notModified({ etag: '"b"' })
    expect((await world.get()).body.toString()).toBe('new')
  })

  it.each([
    ['a lifetime beside it', { 'cache-control': 'max-age=60, no-cache' }, {}],
    ['stale-while-revalidate', { 'cache-control': 'no-cache, stale-while-revalidate=60' }, {}],
    ['stale-if-error', { 'cache-control': 'no-cache, stale-if-error=60' }, {}],
    ['immutable', { 'cache-control': 'max-age=60, immutable, no-cache' }, {}],
    ['a route’s grace', { 'cache-control': 'no-cache' }, { graceS: 60, staleIfErrorS: 60 }],
    ['a route’s ttl', { 'cache-control': 'no-cache' }, { ttlS: { '200': 60 } }],
  ])('is not used unasked because of %s', async (_what, fields, rules) => {
    const world = await stored({ ...fields, etag: '"a"' }, rules)
    world.origin = () => {
      throw new ProxyError('connection_refused', 'refused')
    }
    expect((await world.get()).status).toBe(502)
    expect((await world.get({ headers: { 'cache-control': 'max-stale' } })).status).toBe(502)
    expect((await world.get({ headers: { 'cache-control': 'only-if-cached' } })).status).toBe(504)
  })

  it('without ETag and Last-Modified is not stored: there is nothing to ask with', async () => {
    const world = new World(counting({ 'cache-control': 'no-cache' }))
    const seen = await world.get()
    expect(cacheStatus(seen)).toBe('oriel; fwd=uri-miss; detail=no-cache')
    expect(world.room.store.entries).toBe(0)
  })

  it('to a visitor with cookies is not stored, unless it says that it is for others', async () => {
    const visitor = { headers: { cookie: 'session=1' } }
    const world = new World(counting(ASKED))
    await world.get(visitor)
    expect(world.room.store.entries).toBe(0)
    world.origin = counting({ 'cache-control': 'public, no-cache', etag: '"a"' })
    await world.get(visitor)
    expect(world.room.store.entries).toBe(1)
  })

  it('stays stored when a visitor with cookies has it confirmed', async () => {
    const world = await stored()
    world.origin = () => notModified({ etag: '"a"' })
    await world.get({ headers: { cookie: 'session=1' } })
    expect(world.room.store.entries).toBe(1)
  })

  it('is fresh from the moment its origin says so', async () => {
    const world = await stored()
    world.origin = () => notModified({ etag: '"a"', 'cache-control': 'max-age=60' })
    await world.get()
    expect((await world.get()).x.cache).toBe('hit')
  })

  it('holds nobody up: those who come together ask on their own', async () => {
    const world = await stored()
    const answers: ((reply: Reply) => void)[] = []
    world.origin = () => new Promise<Reply>(answer => answers.push(answer))
    const all = [world.begin(), world.begin(), world.begin()]
    await settle()
    expect(answers.length).toBe(3)
    for (const answer of answers) answer(notModified({ etag: '"a"' }))
    for (const one of all) expect((await one.seen).body.toString()).toBe('answer 1')
  })

  it('is not shown to those who waited while it was fetched the first time', async () => {
    const answers: ((reply: Reply) => void)[] = []
    const world = new World(() => new Promise<Reply>(answer => answers.push(answer)))
    const all = [world.begin(), world.begin()]
    await settle()
    expect(answers.length).toBe(1)
    answers[0]!(ok('first', ASKED))
    await settle()
    answers[1]!(ok('second', ASKED))
    expect((await all[1]!.seen).body.toString()).toBe('second')
  })
})
