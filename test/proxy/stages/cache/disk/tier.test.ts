// Worker and keeper over their socket: what one worker stores all find, a fault turns the tier off and nothing else.

import { once } from 'node:events'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { DiskTier } from '../../../../../proxy/stages/cache/disk/tier.ts'
import { type OpenDriver, openDriver } from '../../../../../telemetry/store/driver.ts'
import { eventually } from '../../../../support/oriel.ts'
import { tempDir } from '../../../../telemetry/temp-dir.ts'
import { bodyOf, connect, startKeeper, stored, type TestKeeper } from './stored.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const each of open.splice(0).reverse()) each.close()
})

function begin(...given: Parameters<typeof startKeeper>): TestKeeper {
  const started = startKeeper(...given)
  open.push(started.keeper)
  return started
}

async function worker(socket: string, invalidated: string[] = []): Promise<DiskTier> {
  const tier = await connect(socket, invalidated)
  open.push(tier)
  return tier
}

const url = (path: string) => `http://app.test${path}`
const none = () => ''
const until = (happened: () => boolean) => eventually(async () => happened(), Boolean)
const everything = { urls: [], prefixes: [], hosts: [], tags: [], all: true, soft: false, dryRun: false }

test('what one worker stores, another finds, and after a restart both', async () => {
  const directory = tempDir()
  const { keeper, socket } = begin(directory)
  const [one, two] = [await worker(socket), await worker(socket)]
  expect(two.mayHave(url('/a'))).toBe(false)
  one.keep(stored(url('/a')), bodyOf('a'))
  await until(() => two.mayHave(url('/a')))
  expect((await two.find(url('/a'), none))?.body).toEqual(bodyOf('a'))
  keeper.close()
  await until(() => !one.known)
  expect(one.mayHave(url('/a'))).toBe(false)
  begin(directory)
  await until(() => one.known)
  expect((await one.find(url('/a'), none))?.body).toEqual(bodyOf('a'))
  expect(one.mayHave(url('/never'))).toBe(false)
})

test('a worker that begins before the keeper waits for it a moment: nothing is fetched again, nothing is lost', async () => {
  const directory = tempDir()
  const first = begin(directory)
  const before = await worker(first.socket)
  before.keep(stored(url('/a')), bodyOf('a'))
  await until(() => before.mayHave(url('/a')))
  first.keeper.close()
  const early = new DiskTier(first.socket, { invalidated: () => {}, used: () => [] }, 20_000)
  open.push(early)
  expect(early.mayHave(url('/a'))).toBe(true)
  const asked = early.find(url('/a'), none)
  early.keep(stored(url('/b')), bodyOf('b'))
  begin(directory)
  expect((await asked)?.body).toEqual(bodyOf('a'))
  await until(() => early.known && early.mayHave(url('/b')))
})

test('what is stored while the keeper takes its time to come is not lost', async () => {
  const directory = tempDir()
  const early = new DiskTier(join(directory, 'cache.sock'), { invalidated: () => {}, used: () => [] }, 20)
  open.push(early)
  expect(await early.find(url('/a'), none)).toBeUndefined()
  early.keep(stored(url('/a')), bodyOf('a'))
  begin(directory)
  await until(() => early.known && early.mayHave(url('/a')))
})

test('without a keeper a worker waits once, and not for long', async () => {
  const alone = new DiskTier(join(tempDir(), 'none.sock'), { invalidated: () => {}, used: () => [] }, 20)
  open.push(alone)
  expect(await alone.find(url('/a'), none)).toBeUndefined()
  expect(alone.mayHave(url('/a'))).toBe(false)
})

test('a large body crosses whole, and small questions do not wait for it to be written', async () => {
  const { socket } = begin(tempDir())
  const tier = await worker(socket)
  const large = bodyOf('large', 9_000_000)
  for (let n = 0; n < 2; n++) tier.keep(stored(url(`/large/${n}`)), large)
  expect(await tier.find(url('/a'), none)).toBeUndefined()
  expect(tier.mayHave(url('/large/1'))).toBe(false)
  await until(() => tier.mayHave(url('/large/1')))
  expect((await tier.find(url('/large/0'), none))?.body.equals(large)).toBe(true)
})

test('a worker that ends hands over what it still had to write, and a keeper that ends takes it', async () => {
  const directory = tempDir()
  const { keeper, socket } = begin(directory)
  const tier = await connect(socket)
  for (let n = 0; n < 12; n++) tier.keep(stored(url(`/${n}`)), bodyOf(String(n), 1_000_000))
  const ended = keeper.end(20_000)
  await tier.leave(20_000)
  await ended
  begin(directory)
  const next = await worker(socket)
  for (let n = 0; n < 12; n++)
    expect((await next.find(url(`/${n}`), none))?.body.equals(bodyOf(String(n), 1_000_000))).toBe(true)
})

test('a worker does not wait for a keeper that takes nothing', async () => {
  const tier = new DiskTier(join(tempDir(), 'none.sock'), { invalidated: () => {}, used: () => [] }, 20)
  tier.keep(stored(url('/a')), bodyOf('a'))
  await tier.leave(20_000)
  const mute = createServer({ pauseOnConnect: true })
  const path = join(tempDir(), 'mute.sock')
  const connected = once(mute, 'connection')
  mute.listen(path)
  const held = new DiskTier(path, { invalidated: () => {}, used: () => [] }, 20)
  await connected
  held.keep(stored(url('/a')), bodyOf('a', 8_000_000))
  await held.leave(50)
  mute.close()
})

test('many questions for one key are one', async () => {
  const { keeper, socket } = begin(tempDir())
  const tier = await worker(socket)
  tier.keep(stored(url('/a')), bodyOf('a'))
  await until(() => tier.mayHave(url('/a')))
  const found = await Promise.all(Array.from({ length: 1000 }, () => tier.find(url('/a'), none)))
  expect(new Set(found.map(each => each?.body)).size).toBe(1)
  expect(keeper.health.hits).toBe(1)
})

test('an invalidation by one worker reaches the disk and the others', async () => {
  const { socket } = begin(tempDir())
  const heard: string[] = []
  const own: string[] = []
  const [one, two] = [await worker(socket, own), await worker(socket, heard)]
  one.keep(stored(url('/a')), bodyOf('a'))
  await until(() => two.mayHave(url('/a')))
  one.invalidate(url('/a'))
  await until(() => heard.length === 1 && !two.mayHave(url('/a')))
  expect([heard, own]).toEqual([[url('/a')], []])
})

test('what was on its way when a purge came is not kept, and not found', async () => {
  const { keeper, socket } = begin(tempDir())
  const tier = await worker(socket)
  tier.keep(stored(url('/before')), bodyOf('a'))
  await until(() => tier.mayHave(url('/before')))
  keeper.purge(1, { ...everything, all: false, hosts: ['app.test'] })
  // This worker has not heard of it yet.
  tier.keep(stored(url('/late')), bodyOf('late'))
  tier.keep(stored('http://other.test/'), bodyOf('other'))
  await until(() => tier.mayHave('http://other.test/'))
  expect(tier.mayHave(url('/late'))).toBe(false)
  expect(await tier.find(url('/before'), none)).toBeUndefined()
  tier.epoch = 1
  tier.keep(stored(url('/late')), bodyOf('late'))
  await until(() => tier.mayHave(url('/late')))
  // And the other way: read before a purge that the worker has carried out.
  tier.epoch = 2
  expect(await tier.find(url('/late'), none)).toBeUndefined()
})

test('a purge of everything leaves nothing to find', async () => {
  const { keeper, socket } = begin(tempDir())
  const tier = await worker(socket)
  for (let n = 0; n < 500; n++) tier.keep(stored(url(`/${n}`)), bodyOf(String(n)))
  await until(() => keeper.health.entries === 500)
  expect(keeper.purge(1, everything).count).toBe(500)
  expect(await tier.find(url('/1'), none)).toBeUndefined()
  keeper.tick()
  await until(() => keeper.health.entries === 0 && tier.filter.keys === 0)
})

test.each([
  ['SQLITE_FULL', 'the disk is full'],
  ['SQLITE_IOERR_WRITE', 'the disk reports errors'],
])('%s turns the tier off, says so once, and it comes back with what it had', async (code, words) => {
  let failing = false
  const faulty: OpenDriver = (file, readonly) => {
    const driver = openDriver(file, readonly)
    return {
      ...driver,
      run(sql, ...params) {
        if (failing) throw Object.assign(new Error('fault'), { code })
        return driver.run(sql, ...params)
      },
    }
  }
  const { keeper, events, socket } = begin(tempDir(), { open: faulty })
  const tier = await worker(socket)
  tier.keep(stored(url('/a')), bodyOf('a'))
  await until(() => tier.mayHave(url('/a')))
  failing = true
  tier.keep(stored(url('/b')), bodyOf('b'))
  await until(() => !tier.known)
  expect(tier.mayHave(url('/a'))).toBe(false)
  expect(await tier.find(url('/a'), none)).toBeUndefined()
  for (let n = 0; n < 3; n++) keeper.tick()
  expect(keeper.health.down).toContain(words)
  expect(events).toHaveLength(1)
  failing = false
  keeper.tick()
  await until(() => tier.known)
  expect(keeper.health.down).toBe('')
  expect((await tier.find(url('/a'), none))?.body).toEqual(bodyOf('a'))
})

test('a directory that cannot be used turns the tier off, and Oriel goes on', async () => {
  const directory = tempDir()
  rmSync(join(directory, 'cache.db'), { force: true })
  const { keeper, events } = begin(directory, {
    open: () => {
      throw Object.assign(new Error('no'), { code: 'SQLITE_CANTOPEN' })
    },
  })
  expect(keeper.health.down).toContain('cannot be opened')
  expect(events).toHaveLength(1)
})

test('a database found damaged while it is read is set aside, and the tier goes on empty', async () => {
  const directory = tempDir()
  const first = begin(directory)
  const tier = await worker(first.socket)
  for (let n = 0; n < 300; n++) tier.keep(stored(url(`/${n}`)), bodyOf(String(n), 20_000))
  await until(() => first.keeper.health.entries === 300)
  first.keeper.close()
  await until(() => !tier.known)
  // Its first pages still look well.
  const handle = openSync(first.file, 'r+')
  writeSync(handle, Buffer.alloc(4_000_000, 0x5a), 0, 4_000_000, 10 * 16_384)
  closeSync(handle)
  const again = begin(directory)
  await until(() => tier.known || again.keeper.health.down !== '')
  for (let n = 0; n < 50; n++) expect(await tier.find(url(`/${n}`), none)).toBeUndefined()
  again.keeper.tick()
  await until(() => tier.known)
  tier.keep(stored(url('/new')), bodyOf('new'))
  await until(() => tier.mayHave(url('/new')))
  expect(again.events.filter(text => text.includes('set aside'))).toHaveLength(1)
})
