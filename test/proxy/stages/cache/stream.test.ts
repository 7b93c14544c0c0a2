// Those who wait for another's fetch read along as it comes, at their own pace, and are never left with half.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HandBody, ok, seeded } from '../support.ts'
import { cacheStatus, settle, told, World } from './world.ts'

const FRESH = { 'cache-control': 'max-age=60' }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A leader whose body comes by hand, and a world before it. */
async function flowing(fields: Record<string, string> = FRESH, rules: { maxObjectBytes?: number } = {}) {
  const body = new HandBody()
  const world = new World(() => ok(body, fields), rules)
  const leader = world.begin()
  await settle()
  return { world, body, leader }
}

/** What a client has got so far. */
function watched(one: ReturnType<World['begin']>): () => string {
  return () => Buffer.concat(one.client.chunks).toString()
}

const big = (letter: string, kb: number) => letter.repeat(kb * 1024)

describe('a waiter', () => {
  it('gets the head and what has come, and the rest as it comes', async () => {
    const { world, body, leader } = await flowing()
    body.push('one ')
    const waiter = world.begin()
    const seen = watched(waiter)
    await settle()
    expect(seen()).toBe('one ')
    body.push('two ')
    expect(seen()).toBe('one two ')
    body.end()
    const answer = await waiter.seen
    expect([answer.body.toString(), answer.complete, answer.x.cache]).toEqual(['one two ', true, 'collapsed'])
    expect(cacheStatus(answer)).toBe('oriel; fwd=uri-miss; ttl=60; collapsed')
    expect((await leader.seen).body.toString()).toBe('one two ')
    expect([world.asked.length, world.room.flights.size]).toEqual([1, 0])
    expect(told(await world.get())).toEqual(['one two ', 'hit', ['hit']])
  })

  it('that came before the head does so, too', async () => {
    const world = new World(() => new Promise(() => {}))
    const body = new HandBody()
    let answer = () => {}
    world.origin = () => new Promise(resolve => (answer = () => resolve(ok(body, FRESH))))
    world.begin()
    const waiter = world.begin()
    const seen = watched(waiter)
    await settle()
    world.pass(4)
    answer()
    await settle()
    body.push('early')
    await settle()
    expect([seen(), vi.getTimerCount()]).toEqual(['early', 0])
    body.end()
    expect((await waiter.seen).x.notes[0]).toMatchObject({ reason: 'collapsed', a: 4000 })
  })

  it('that is slow holds nobody, and gets all of it', async () => {
    const { world, body } = await flowing()
    const slow = world.begin()
    slow.client.slow = true
    const quick = world.begin()
    const [slowly, quickly] = [watched(slow), watched(quick)]
    await settle()
    for (let i = 0; i < 5; i++) body.push('.')
    expect([slowly(), quickly(), body.held]).toEqual(['.', '.....', false])
    body.end()
    expect((await quick.seen).body.toString()).toBe('.....')
    slow.client.slow = false
    slow.client.body!.resume()
    expect((await slow.seen).body.toString()).toBe('.....')
  })

  it('is not held by a leader that reads slowly or not at all', async () => {
    const { world, body, leader } = await flowing()
    leader.client.slow = true
    body.push('one ')
    expect(body.held).toBe(true)
    const waiter = world.begin()
    const seen = watched(waiter)
    await settle()
    body.push('two ')
    body.push('three')
    expect([seen(), body.held]).toEqual(['one two three', false])
    body.end()
    await waiter.seen
    expect(world.room.store.entries).toBe(1)
    leader.client.slow = false
    leader.client.body!.resume()
    expect((await leader.seen).body.toString()).toBe('one two three')
  })

  it('is not left with half when the leader leaves', async () => {
    const { world, body, leader } = await flowing()
    body.push('one ')
    const waiter = world.begin()
    await settle()
    leader.client.leave(leader.x)
    expect(body.cancelled).toBe(false)
    body.push('two')
    body.end()
    expect((await waiter.seen).body.toString()).toBe('one two')
    expect([world.room.store.entries, world.room.flights.size]).toEqual([1, 0])
  })

  it('the last who wants it leaves: the upstream is let go, and nothing is kept', async () => {
    const { world, body, leader } = await flowing()
    body.push('one ')
    const waiters = [world.begin(), world.begin()]
    await settle()
    leader.client.leave(leader.x)
    waiters[0]!.client.leave(waiters[0]!.x)
    expect(body.cancelled).toBe(false)
    waiters[1]!.client.leave(waiters[1]!.x)
    expect([body.cancelled, world.room.store.entries, world.room.flights.size]).toEqual([true, 0, 0])
    expect(world.room.store.reserve(1_000_000)).toBe(true)
  })

  it('sees that it broke off, like the leader', async () => {
    const { world, body, leader } = await flowing()
    const waiter = world.begin()
    await settle()
    body.push('half')
    body.sink!.error(new Error('cut'))
    expect([(await leader.seen).complete, (await waiter.seen).complete]).toEqual([false, false])
    expect(world.room.store.entries).toBe(0)
  })

  it.each([
    ['has a condition that holds', { 'if-none-match': '"a"' }, 304, ''],
    ['has one that does not', { 'if-none-match': '"b"' }, 200, 'whole'],
  ])('that %s is answered so', async (_what, headers, status, text) => {
    const { world, body } = await flowing({ ...FRESH, etag: '"a"' })
    const waiter = world.begin({ headers: headers as unknown as Record<string, string> })
    await settle()
    body.push('whole')
    body.end()
    const seen = await waiter.seen
    expect([seen.status, seen.body.toString(), world.asked.length]).toEqual([status, text, 1])
  })

  it('that asks for a part waits for the whole', async () => {
    const { world, body } = await flowing()
    const waiter = world.begin({ headers: { range: 'bytes=0-1' } })
    await settle()
    body.push('whole')
    body.end()
    const seen = await waiter.seen
    expect([seen.status, seen.body.toString(), world.asked.length]).toEqual([206, 'wh', 1])
  })

  it.each(['no-cache', 'min-fresh=100'])('that says %s goes on its own (section 5.2.1)', async control => {
    const { world } = await flowing()
    world.begin({ headers: { 'cache-control': control } })
    await settle()
    expect(world.asked.length).toBe(2)
  })

  it('of another variant waits for its own kind (section 4.1)', async () => {
    const { world } = await flowing({ ...FRESH, vary: 'a' })
    world.begin({ headers: { a: '1' } })
    world.begin({ headers: { a: '1' } })
    await settle()
    expect(world.asked.length).toBe(2)
  })

  it('that asks after a write does not get what was fetched before it (section 4.4)', async () => {
    const { world, body } = await flowing()
    world.origin = x => ok(x.method === 'POST' ? 'done' : 'new', x.method === 'POST' ? {} : FRESH)
    await world.get({ method: 'POST' })
    const after = world.begin()
    body.push('old')
    body.end()
    expect((await after.seen).body.toString()).toBe('new')
    expect((await world.get()).body.toString()).toBe('new')
  })
})

it('a waiter says why it could not be answered before (RFC 9211 section 2.2)', async () => {
  const world = new World(() => ok('old', FRESH))
  await world.get()
  world.pass(61)
  const body = new HandBody()
  world.origin = () => ok(body, FRESH)
  world.begin()
  await settle()
  const waiter = world.begin()
  body.push('new')
  body.end()
  expect(cacheStatus(await waiter.seen)).toBe('oriel; fwd=stale; ttl=60; collapsed')
})

describe('a body that turns out too large to be stored', () => {
  it('still reaches all who read along, and is then held by the slowest within 1 MB', async () => {
    const { world, body, leader } = await flowing(FRESH, { maxObjectBytes: 100 * 1024 })
    const slow = world.begin()
    const quick = world.begin()
    const quickly = watched(quick)
    await settle()
    body.push(big('a', 64))
    slow.client.slow = true
    body.push(big('b', 64))
    expect(world.room.store.reserve(1_000_000)).toBe(true)
    world.room.store.release(1_000_000)
    for (let i = 0; i < 40 && !body.held; i++) body.push(big('c', 64))
    expect(body.held).toBe(true)
    const bytes = quickly().length
    expect(bytes).toBeLessThan(128 * 1024 + 1024 ** 2 + 64 * 1024)
    slow.client.slow = false
    slow.client.body!.resume()
    expect(body.held).toBe(false)
    body.push('end')
    body.end()
    const lengths = (await Promise.all([leader.seen, slow.seen, quick.seen])).map(one => one.body.length)
    expect(lengths).toEqual([bytes + 3, bytes + 3, bytes + 3])
    expect(world.room.store.entries).toBe(0)
  })

  it('is not joined any more', async () => {
    const { world, body } = await flowing(FRESH, { maxObjectBytes: 10 })
    world.begin()
    await settle()
    body.push('more than ten bytes')
    world.begin()
    await settle()
    expect(world.asked.length).toBe(2)
  })
})

it('a leader whose client has it already goes on for the others', async () => {
  const { world, body } = await flowing({ ...FRESH, etag: '"a"' })
  const other = new World(() => ok(body, { ...FRESH, etag: '"a"' }))
  const leader = other.begin({ headers: { 'if-none-match': '"a"' } })
  expect((await leader.seen).status).toBe(304)
  const waiter = other.begin()
  await settle()
  waiter.client.leave(waiter.x)
  body.push('whole')
  body.end()
  expect((await other.get()).body.toString()).toBe('whole')
  expect(world.asked.length).toBe(1)
})

it('however they come, hold, go on and leave: who stays has all of it, byte for byte', async () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = seeded(seed)
    const { world, body, leader } = await flowing(FRESH, {
      maxObjectBytes: random() < 0.3 ? 3 * 64 * 1024 : 10_000_000,
    })
    world.origin = () => ok('another fetch', FRESH)
    const clients = [leader]
    const left = new Set<(typeof clients)[number]>()
    let sent = ''
    for (let step = 0; step < 40 && !body.cancelled; step++) {
      const one = clients[Math.floor(random() * clients.length)]!
      const what = random()
      if (what < 0.45 && !body.held) {
        const piece = `${step}.`.repeat(Math.floor(random() * 9000))
        sent += piece
        if (piece !== '') body.push(piece)
      } else if (what < 0.6) {
        clients.push(world.begin())
        await settle()
      } else if (what < 0.75) {
        one.client.slow = true
      } else if (what < 0.9 && !left.has(one)) {
        one.client.slow = false
        one.client.body?.resume()
      } else if (what > 0.95 && !left.has(one)) {
        left.add(one)
        one.client.leave(one.x)
      }
    }
    for (const one of clients) {
      one.client.slow = false
      if (!left.has(one)) one.client.body?.resume()
    }
    if (!body.cancelled) body.end()
    await settle()
    for (const one of clients) {
      if (left.has(one)) continue
      const seen = await one.seen
      const text = seen.body.toString()
      if (text !== 'another fetch')
        expect([seen.complete, text === sent], `seed ${seed}`).toEqual([true, true])
    }
    // Nothing stays reserved, whatever happened.
    expect(world.room.store.reserve(1_000_000), `seed ${seed}`).toBe(true)
    expect(world.room.flights.size, `seed ${seed}`).toBe(0)
  }
})
