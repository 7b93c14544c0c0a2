// The cache on disk in the real thing: all workers share it, a restart keeps it, and trouble with it costs only itself.
import { createHmac } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import type { CacheEntryPage, PurgeOutcome, PurgeRequest } from '../../control/admin/contract-cache.ts'
import type { Status } from '../../control/admin/contract-status.ts'
import { startLoad } from '../support/load.ts'
import { command, eventually, launch, type RunningOriel, startOriel } from '../support/oriel.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function origin(): Promise<TestUpstream & { asked: string[] }> {
  const asked: string[] = []
  const upstream = await startUpstream((request, response) => {
    asked.push(request.url!)
    response.setHeader('cache-control', 'max-age=600')
    response.setHeader('cache-tag', `all, page${request.url!.replaceAll('/', '-')}`)
    response.setHeader('etag', '"1"')
    response.end(`page ${request.url} number ${asked.length}`)
  })
  closing.push(() => upstream.close())
  return Object.assign(upstream, { asked })
}

async function oriel(port: number, more: string): Promise<RunningOriel> {
  const running = await startOriel(`  '*': { to: '127.0.0.1:${port}', cache: true }\n`, more)
  closing.push(() => running.stop())
  return running
}

async function get(port: number, path: string): Promise<{ text: string; status: string; headers: Headers }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { connection: 'close' },
  })
  const status = response.headers.get('cache-status') ?? ''
  return { text: await response.text(), status, headers: response.headers }
}

/** Read by another thread: what it sees is committed, and the workers have been told. */
const listed = (running: RunningOriel, count: number) =>
  eventually(
    () => running.api<CacheEntryPage>('/api/v1/cache/entries'),
    page => page.total === count,
  )

const diskOf = async ({ api }: RunningOriel) => (await api<Status>('/api/v1/status')).cache.disk

test('what one worker stored the others serve, also after a restart', { timeout: 60_000 }, async () => {
  const upstream = await origin()
  const first = await oriel(upstream.port, 'workers: 2\n')
  const stored = await get(first.http, '/a')
  await listed(first, 1)
  for (let n = 0; n < 20; n++) expect((await get(first.http, '/a')).text).toBe(stored.text)
  expect(upstream.asked).toEqual(['/a'])
  const inMemory = await first.api<CacheEntryPage>('/api/v1/cache/entries?tier=memory')
  expect(inMemory).toMatchObject({ total: 1, rows: [{ url: `http://127.0.0.1:${first.http}/a`, hits: 20 }] })
  expect(await first.stop()).toBe(0)
  const ports = /http: 127\.0\.0\.1:0/
  writeFileSync(
    first.config,
    readFileSync(first.config, 'utf8').replace(ports, `http: 127.0.0.1:${first.http}`),
  )
  const again = await launch(['run', first.config])
  closing.push(() => new Promise(resolve => again.child.once('exit', resolve).kill('SIGTERM')))
  const address = `http://127.0.0.1:${first.http}/a`
  const explained = await command(['explain', 'GET', address, '--config', first.config])
  expect(explained.text).toMatch(/cache +Found on disk in .*\.\n +cache +Answered from the cache/)
  const hit = await get(first.http, '/a')
  expect([hit.text, hit.status]).toEqual([stored.text, expect.stringContaining('oriel; hit; ttl=')])
  expect(upstream.asked).toEqual(['/a'])
  expect(hit.headers.has('cache-tag')).toBe(false)
})

test('what keeps the disk yields the processor to what answers', { timeout: 60_000 }, async () => {
  const upstream = await origin()
  const running = await oriel(upstream.port, 'workers: 1\n')
  await get(running.http, '/a')
  await listed(running, 1)
  const tasks = `/proc/${running.child.pid}/task`
  // proc(5): the name in parentheses, and the 17th field behind it.
  const niceness = new Map(
    readdirSync(tasks).map(task => {
      const [, name, rest] = /\((.*)\) (.*)/.exec(readFileSync(`${tasks}/${task}/stat`, 'utf8'))!
      return [name, Number(rest!.split(' ')[16])]
    }),
  )
  expect(niceness.get('oriel-cache')).toBe(10)
  niceness.delete('oriel-cache')
  expect([...niceness.values()].filter(Boolean)).toEqual([])
})

test('a purge reaches every worker and the disk within 100 ms, and says how many entries it meant', {
  timeout: 60_000,
}, async () => {
  const upstream = await origin()
  const running = await oriel(upstream.port, 'workers: 2\n')
  for (let n = 0; n < 30; n++) await get(running.http, `/${n % 10}`)
  const before = upstream.asked.length
  await listed(running, 10)
  const purge = (request: PurgeRequest) =>
    running.api<PurgeOutcome>('/api/v1/cache/purge', { method: 'POST', body: JSON.stringify(request) })
  const host = `http://127.0.0.1:${running.http}`
  const dry = await purge({ prefixes: [`${host}/`], dryRun: true })
  expect(dry).toMatchObject({ entries: 10, disk: 10, workers: 2, silent: 0, dryRun: true })
  const some = await purge({ tags: ['page-3'], urls: [`${host}/4`] })
  expect(some).toMatchObject({ entries: 2, disk: 2, workers: 2 })
  // The machine may be busy with something else just once.
  const again = await purge({ tags: ['page-3'] })
  expect(Math.min(some.tookMs, again.tookMs)).toBeLessThan(100)
  for (const path of ['/3', '/4']) await get(running.http, path)
  // What is on disk again is there for both workers.
  const kept = () => purge({ tags: ['page-3', 'page-4'], dryRun: true })
  await eventually(kept, ({ disk }) => disk === 2)
  for (let n = 0; n < 4; n++) for (const path of ['/3', '/4', '/5']) await get(running.http, path)
  expect(upstream.asked.slice(before).sort()).toEqual(['/3', '/4'])
  expect((await purge({ all: true })).entries).toBe(10)
  await get(running.http, '/5')
  expect(upstream.asked.at(-1)).toBe('/5')
})

test('oriel purge says what it did, and what is wrong with what it was given', {
  timeout: 60_000,
}, async () => {
  const upstream = await origin()
  const running = await oriel(upstream.port, 'workers: 1\n')
  await get(running.http, '/a')
  const words = ['purge', '--config', running.config]
  const done = await command([...words, `http://127.0.0.1:${running.http}/a`, '--dry-run'])
  expect(done.text).toMatch(
    /^1 stored response would be removed \(1 in the memory of 1 worker, \d on disk\) in [\d.]+ ms\n$/,
  )
  expect(done.code).toBe(0)
  expect((await command([...words, '/a'])).text).toContain('400: "/a": expected an absolute URL')
  expect((await command(words)).text).toContain('usage: oriel purge')
})

test('an application purges by a request that it signs, once', { timeout: 60_000 }, async () => {
  const upstream = await origin()
  const running = await oriel(upstream.port, 'workers: 1\n')
  await get(running.http, '/a')
  const secret = (await command(['purge', '--secret', '--config', running.config])).text.trim()
  const body = JSON.stringify({ tags: ['page-a'] })
  const time = Math.floor(Date.now() / 1000)
  const mac = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
  const send = (path: string, text: string) =>
    fetch(running.admin + path, {
      method: 'POST',
      headers: {
        authorization: `Oriel-Signature t=${time}, v1=${mac}`,
        'content-type': 'application/json',
        'x-oriel-request': '1',
      },
      body: text,
    })
  expect((await send('/api/v1/cache/purge', JSON.stringify({ all: true }))).status).toBe(401)
  expect((await send('/api/v1/reload', body)).status).toBe(403)
  const first = await send('/api/v1/cache/purge', body)
  expect([first.status, await first.json()]).toEqual([200, expect.objectContaining({ entries: 1 })])
  const again = await send('/api/v1/cache/purge', body)
  expect([again.status, await again.text()]).toEqual([401, expect.stringContaining('used before')])
})

test('a full disk turns the tier off and says so; answers still come', { timeout: 60_000 }, async () => {
  const asked: string[] = []
  const upstream = await startUpstream((request, response) => {
    asked.push(request.url!)
    response.setHeader('cache-control', 'max-age=600')
    response.end(Buffer.alloc(2_000_000, 'x'))
  })
  closing.push(() => upstream.close())
  const route = `  '*': { to: '127.0.0.1:${upstream.port}', cache: true }\n`
  const running = await startOriel(route, 'workers: 1\n', 3 * 1024 * 1024)
  closing.push(() => running.stop())
  for (let n = 0; n < 4; n++) expect((await get(running.http, `/${n}`)).text.length).toBe(2_000_000)
  const disk = await eventually(
    () => diskOf(running),
    found => found?.down !== '',
  )
  expect(disk?.down).toMatch(/^The disk tier of the cache is off: /)
  expect(running.output()).toContain('The disk tier of the cache is off')
  expect((await get(running.http, '/3')).status).toContain('oriel; hit')
})

test('a worker that is replaced leaves what came last to the others', { timeout: 60_000 }, async () => {
  const finish: (() => void)[] = []
  const upstream = await startUpstream((_request, response) => {
    response.setHeader('cache-control', 'max-age=600')
    response.write(Buffer.alloc(8_000_000, 'x'))
    finish.push(() => response.end('the end'))
  })
  closing.push(() => upstream.close())
  const running = await oriel(upstream.port, 'workers: 1\ngrace: 10s\n')
  const paths = ['/1', '/2', '/3']
  const answers = paths.map(path => get(running.http, path))
  await eventually(async () => finish.length === paths.length, Boolean)
  const pid = async () => (await running.api<Status>('/api/v1/status')).workers[0]?.pid
  const before = await pid()
  process.kill(running.child.pid!, 'SIGUSR2')
  // The old one has only these left: when their bodies end it goes.
  await eventually(pid, now => now !== undefined && now !== before)
  for (const end of finish) end()
  await Promise.all(answers)
  await listed(running, paths.length)
})

test('reloads and new workers under a busy disk tier: every request is answered, and nothing stored is lost', {
  timeout: 60_000,
}, async () => {
  const upstream = await origin()
  const running = await oriel(upstream.port, 'workers: 2\ngrace: 10s\n')
  const request = (path: (n: number) => string) => (n: number) =>
    `GET ${path(n)} HTTP/1.1\r\nHost: 127.0.0.1:${running.http}\r\n\r\n`
  const lanes = { port: running.http, connections: 8, gapMs: 20, strict: true }
  const loads = [
    startLoad({ ...lanes, requests: request(n => `/new/${n}`) }),
    startLoad({ ...lanes, requests: request(n => `/again/${n % 50}`) }),
  ]
  const status = () => running.api<Status>('/api/v1/status')
  const pids = async () => (await status()).workers.map(({ pid }) => pid)
  for (let n = 0; n < 3; n++) await running.api('/api/v1/reload', { method: 'POST' })
  const before = await pids()
  process.kill(running.child.pid!, 'SIGUSR2')
  await eventually(pids, now => now.length === 2 && now.every(pid => !before.includes(pid)), 20_000)
  for (const load of loads) load.stop()
  await Promise.all(loads.map(load => load.done))
  expect(loads.map(load => [...load.outcomes.keys()])).toEqual([['200'], ['200']])
  // The new workers have an empty memory: what the old ones stored comes from disk. Busy, one may drop what it cannot hand on.
  const [fresh, again] = loads.map(load => load.outcomes.get('200')!)
  await eventually(
    () => running.api<CacheEntryPage>('/api/v1/cache/entries?limit=1'),
    page => page.total! >= fresh! * 0.9,
  )
  const asked = upstream.asked.length
  for (let n = 0; n < Math.min(10, again!); n++)
    expect((await get(running.http, `/again/${n}`)).status).toContain('oriel; hit')
  expect(upstream.asked.length).toBe(asked)
})
