// What a user of a small production service fears: a crash, a typo in the file, a restart at noon.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Overview } from '../../control/admin/contract.ts'
import type { Status } from '../../control/admin/contract-status.ts'
import { startLoad } from '../support/load.ts'
import { command, eventually, type RunningOriel, scratch, startOriel } from '../support/oriel.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let oriel: RunningOriel

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('slow'), 1500)
    else response.end('ok')
  })
  oriel = await startOriel(`  app.test: { to: '127.0.0.1:${upstream.port}' }\n`, 'workers: 1\ngrace: 10s\n')
})
afterAll(async () => {
  await oriel.stop()
  await upstream.close()
})

const request = () => 'GET / HTTP/1.1\r\nHost: app.test\r\n\r\n'
const status = () => oriel.api<Status>('/api/v1/status')

test('a worker killed under load is replaced at once, and no connection is refused', async () => {
  const [worker] = (await status()).workers
  const load = startLoad({ port: oriel.http, requests: request, connections: 16, fresh: true, gapMs: 2 })
  await eventually(
    async () => load.outcomes.get('200') ?? 0,
    n => n > 100,
  )
  process.kill(worker!.pid, 'SIGKILL')
  const killedAt = Date.now()
  const before = load.outcomes.get('200')!
  await eventually(
    async () => load.outcomes.get('200')!,
    n => n > before + 100,
  )
  const replacedMs = Date.now() - killedAt
  load.stop()
  await load.done
  expect(load.outcomes.get('refused') ?? 0).toBe(0)
  const lost = [...load.outcomes].filter(([outcome]) => outcome !== '200').reduce((sum, [, n]) => sum + n, 0)
  // At most what was in that worker: one request on each of 16 connections.
  expect(lost).toBeLessThanOrEqual(16)
  expect(replacedMs).toBeLessThan(5000)
  const after = await eventually(status, s => s.workers[0]?.pid !== worker!.pid)
  expect(after.workers[0]!.restarts).toBe(1)
  const { events } = await oriel.api<Overview>('/api/v1/overview?from=now-15m&to=now')
  expect(events.some(event => event.kind === 'worker')).toBe(true)
})

test('ten reloads under load lose no request', async () => {
  const kept = startLoad({ port: oriel.http, requests: request, connections: 8, gapMs: 5 })
  const fresh = startLoad({ port: oriel.http, requests: request, connections: 8, gapMs: 5, fresh: true })
  const text = readFileSync(oriel.config, 'utf8')
  const generation = (await status()).config.generation
  for (let i = 1; i <= 10; i++) {
    writeFileSync(oriel.config, `${text}  extra${i}.test: { to: '127.0.0.1:${upstream.port}' }\n`)
    await eventually(status, s => s.routes.includes(`extra${i}.test`))
  }
  for (const load of [kept, fresh]) load.stop()
  await Promise.all([kept.done, fresh.done])
  expect([...kept.outcomes.keys(), ...fresh.outcomes.keys()]).toEqual(['200', '200'])
  expect((await status()).config.generation).toBeGreaterThanOrEqual(generation + 10)
})

test('a wrong file is refused with line and column, and what ran runs on', async () => {
  const text = readFileSync(oriel.config, 'utf8')
  writeFileSync(oriel.config, text.replace("{ to: '127", "{ too: '127"))
  const refused = await eventually(status, s => s.config.problem !== '')
  expect(refused.config.problem).toMatch(/oriel\.yaml:\d+:\d+ .*too.*"to"/)
  expect((await rawRequest(oriel.http, request(), t => t.endsWith('ok'))).statuses).toEqual([200])
  const check = await command(['check', oriel.config])
  expect([check.code, /oriel\.yaml:\d+:\d+/.test(check.text)]).toEqual([1, true])
  writeFileSync(oriel.config, text)
  await eventually(status, s => s.config.problem === '')
})

test('a full disk stops the telemetry and says so, never the traffic', async () => {
  const { port } = upstream
  const limited = await startOriel(
    `  app.test: { to: '127.0.0.1:${port}' }\n`,
    'workers: 1\ntelemetry: { rows: 1000000/s }\n',
    6 * 1024 ** 2,
  )
  // Random bytes, so that the rows are as large on disk.
  const query = () => randomBytes(1500).toString('hex')
  const load = startLoad({
    port: limited.http,
    requests: () => `GET /?${query()} HTTP/1.1\r\nHost: app.test\r\n\r\n`,
    connections: 8,
  })
  const telemetry = async () => (await limited.api<Status>('/api/v1/status')).telemetry
  const { degraded } = await eventually(telemetry, it => it.degraded !== '', 20_000)
  expect(degraded).toMatch(/^Rows are not being stored: .+\. Figures stay exact\.$/)
  await eventually(telemetry, it => it.droppedRecords > 0)
  const during = load.outcomes.get('200')!
  await eventually(
    async () => load.outcomes.get('200')!,
    n => n > during + 500,
  )
  load.stop()
  await load.done
  expect([...load.outcomes.keys()]).toEqual(['200'])
  expect(limited.output()).toContain(degraded)
  const sent = load.outcomes.get('200')!
  await eventually(
    async () =>
      Number(
        /^http_server_request_duration_seconds_count\{[^}]*\} (\d+)/m.exec(
          await limited.api('/metrics'),
        )?.[1],
      ),
    counted => counted === sent,
  )
  expect(await limited.stop()).toBe(0)
})

test('SIGTERM ends sixty slow requests in flight with their answers, then exits 0', async () => {
  const other = await startOriel(
    `  app.test: { to: '127.0.0.1:${upstream.port}' }\n`,
    'workers: 1\ngrace: 10s\n',
  )
  const arrived = upstream.hits
  const load = startLoad({
    port: other.http,
    requests: () => 'GET /slow HTTP/1.1\r\nHost: app.test\r\n\r\n',
    connections: 60,
    total: 60,
  })
  await eventually(
    async () => upstream.hits,
    hits => hits >= arrived + 60,
  )
  const code = other.stop('SIGTERM')
  await load.done
  expect(load.outcomes).toEqual(new Map([['200', 60]]))
  expect(await code).toBe(0)
})

test('a kept connection that is idle does not hold up the stop', async () => {
  const other = await startOriel(`  '*': { to: '127.0.0.1:${upstream.port}' }\n`, 'workers: 1\ngrace: 20s\n')
  // fetch keeps its connection for the next request.
  expect(await (await fetch(`http://127.0.0.1:${other.http}/`)).text()).toBe('ok')
  const askedAt = Date.now()
  expect(await other.stop()).toBe(0)
  expect(Date.now() - askedAt).toBeLessThan(10_000)
})

test('a port in use is named with its key', async () => {
  const squatter = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => squatter.once('listening', resolve))
  const { port } = squatter.address() as { port: number }
  const file = join(scratch(), 'oriel.yaml')
  const text = `listen: { http: 127.0.0.1:${port} }\nadmin: 127.0.0.1:0\nroutes:\n  a.test: localhost:1\n`
  writeFileSync(file, text)
  const { code, text: said } = await command(['run', file])
  squatter.close()
  expect(code).toBe(1)
  expect(said).toContain(String(port))
  expect(said).toContain('listen.http')
})

test('a data directory that cannot be written is a clear error at the start', async () => {
  const directory = scratch()
  const file = join(directory, 'oriel.yaml')
  writeFileSync(join(directory, 'taken'), 'a file, not a directory')
  writeFileSync(
    file,
    'listen: { http: 127.0.0.1:0 }\nadmin: 127.0.0.1:0\ndata: ./taken/data\nroutes:\n  a.test: localhost:1\n',
  )
  const { code, text } = await command(['run', file])
  expect(code).toBe(1)
  expect(text).toMatch(/data/)
  expect(text).not.toMatch(/at .*\.ts:\d+/)
})

test('the whole process tree stays small when idle', async () => {
  const fresh = await startOriel(`  app.test: { to: '127.0.0.1:${upstream.port}' }\n`, 'workers: 1\n')
  const kb = Number(
    execFileSync('sh', [
      '-c',
      `for p in ${fresh.child.pid} $(pgrep -P ${fresh.child.pid}); do grep ^Pss: /proc/$p/smaps_rollup; done | awk '{s+=$2} END {print s}'`,
    ]).toString(),
  )
  await fresh.stop()
  expect(kb / 1024).toBeLessThan(200)
})
