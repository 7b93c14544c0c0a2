// Many requests for one thing: one fetch, nobody waits for long, and nobody gets another's answer.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProxyError } from '../../../../proxy/pipeline/errors.ts'
import type { Reply } from '../../../../proxy/pipeline/reply.ts'
import { Markers } from '../../../../proxy/stages/cache/coalesce.ts'
import { HandBody, ok } from '../support.ts'
import { cacheStatus, counting, settle, told, World } from './world.ts'

const FRESH = { 'cache-control': 'max-age=60' }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** An origin that answers when told to, and the world before it. */
function held() {
  const pending: { answer: (reply: Reply) => void; fail: (error: Error) => void }[] = []
  const world = new World(() => new Promise((answer, fail) => pending.push({ answer, fail })))
  return { world, pending }
}

describe('one fetch', () => {
  it('serves a thousand that come meanwhile', async () => {
    const { world, pending } = held()
    const all = Array.from({ length: 1000 }, () => world.begin())
    await settle()
    expect(pending.length).toBe(1)
    world.pass(2)
    pending[0]!.answer(ok('shared', FRESH))
    const seen = await Promise.all(all.map(one => one.seen))
    expect(world.asked.length).toBe(1)
    expect(seen.every(one => one.body.toString() === 'shared')).toBe(true)
    expect(told(seen[0]!)[1]).toBe('miss')
    expect(told(seen[999]!).slice(1)).toEqual(['collapsed', ['collapsed']])
    expect(seen[999]!.x.notes[0]).toMatchObject({ a: 2000, b: 58 })
    expect(cacheStatus(seen[999]!)).toBe('oriel; fwd=uri-miss; ttl=58; collapsed')
    expect([vi.getTimerCount(), world.room.flights.size]).toEqual([0, 0])
  })

  it('lets all go at once when the head says that it is not for all', async () => {
    const { world, pending } = held()
    const all = Array.from({ length: 5 }, () => world.begin())
    await settle()
    const body = new HandBody()
    pending[0]!.answer(ok(body, { 'cache-control': 'private' }))
    await settle()
    expect(pending.length).toBe(5)
    for (let i = 1; i < 5; i++) pending[i]!.answer(ok(`own ${i}`, { 'cache-control': 'private' }))
    const rest = await Promise.all(all.slice(1).map(one => one.seen))
    expect(rest.map(one => one.body.toString())).toEqual(['own 1', 'own 2', 'own 3', 'own 4'])
    body.end()
    await all[0]!.seen
  })

  it('does not make anybody wait for such a key for 120 s', async () => {
    const { world, pending } = held()
    const first = world.begin()
    await settle()
    pending[0]!.answer(ok('mine', { 'cache-control': 'private' }))
    await first.seen
    world.begin()
    world.begin()
    await settle()
    expect(pending.length).toBe(3)
    world.pass(121)
    world.begin()
    world.begin()
    await settle()
    expect(pending.length).toBe(4)
  })

  it('and sends the client’s own condition on meanwhile', async () => {
    const world = new World(counting({ 'cache-control': 'private', etag: '"a"' }))
    await world.get()
    await world.get({ headers: { 'if-none-match': '"b"' } })
    expect(world.asked[1]!.fields['if-none-match']).toBe('"b"')
  })

  it('finds the next one when the leader leaves', async () => {
    const { world, pending } = held()
    const leader = world.begin()
    const others = [world.begin(), world.begin()]
    await settle()
    leader.client.leave(leader.x)
    await settle()
    expect(pending.length).toBe(2)
    pending[1]!.answer(ok('second', FRESH))
    const seen = await Promise.all(others.map(one => one.seen))
    expect(seen.map(one => one.x.cache)).toEqual(['miss', 'collapsed'])
  })

  it('lets all try on their own when the upstream fails', async () => {
    const { world, pending } = held()
    const all = [world.begin(), world.begin(), world.begin()]
    await settle()
    pending[0]!.fail(new ProxyError('connection_refused', 'refused'))
    await settle()
    expect(pending.length).toBe(3)
    pending[1]!.answer(ok('a', FRESH))
    pending[2]!.answer(ok('b', FRESH))
    expect((await Promise.all(all.map(one => one.seen))).map(one => one.status)).toEqual([502, 200, 200])
  })

  it('is not waited for longer than 5 s', async () => {
    const { world, pending } = held()
    const all = [world.begin(), world.begin(), world.begin()]
    await settle()
    world.pass(5)
    await vi.advanceTimersByTimeAsync(5000)
    expect(pending.length).toBe(3)
    for (const one of pending) one.answer(ok('late', FRESH))
    await Promise.all(all.map(one => one.seen))
    expect(world.room.flights.size).toBe(0)
  })

  it('nor for longer than that by who comes late', async () => {
    const { world, pending } = held()
    world.begin()
    await settle()
    world.pass(4)
    world.begin()
    await settle()
    world.pass(1)
    await vi.advanceTimersByTimeAsync(1000)
    expect(pending.length).toBe(2)
  })

  it('a waiter that leaves is not sent on', async () => {
    const { world, pending } = held()
    world.begin()
    const waiter = world.begin()
    await settle()
    waiter.client.leave(waiter.x)
    await settle()
    expect(pending.length).toBe(1)
    expect(waiter.x.error).toBe('client_aborted')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('of one variant is not given to another (RFC 9111 section 4.1)', async () => {
    const { world, pending } = held()
    const de = world.begin({ headers: { 'accept-language': 'de' } })
    const fr = [1, 2].map(() => world.begin({ headers: { 'accept-language': 'fr' } }))
    await settle()
    expect(pending.length).toBe(1)
    pending[0]!.answer(ok('de', { ...FRESH, vary: 'accept-language' }))
    await settle()
    expect(pending.length).toBe(2)
    pending[1]!.answer(ok('fr', { ...FRESH, vary: 'accept-language' }))
    expect((await de.seen).body.toString()).toBe('de')
    for (const one of fr) expect((await one.seen).body.toString()).toBe('fr')
  })

  it('is not shared by requests with Authorization', async () => {
    const { world, pending } = held()
    world.begin({ headers: { authorization: 'a' } })
    world.begin({ headers: { authorization: 'b' } })
    await settle()
    expect(pending.length).toBe(2)
  })
})

it('the markers are bounded', () => {
  const markers = new Markers()
  for (let i = 0; i < Markers.maxKeys + 50; i++) markers.mark(`k${i}`, 0)
  expect(markers.has('k0', 1)).toBe(false)
  expect(markers.has(`k${Markers.maxKeys + 49}`, 1)).toBe(true)
})
