// A restart at noon: configurations and workers change under load, and no client gets anything but its answer.
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Status } from '../../control/admin/contract-status.ts'
import { startLoad } from '../support/load.ts'
import { eventually, type RunningOriel, startOriel } from '../support/oriel.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let oriel: RunningOriel

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('slow'), 1500)
    else response.end('ok')
  })
  oriel = await startOriel(
    `  app.test: { to: '127.0.0.1:${upstream.port}' }\n`,
    'workers: 2\ngrace: 10s\ntelemetry: { rows: 100000/s }\n',
  )
})
afterAll(async () => {
  await oriel.stop()
  await upstream.close()
})

const status = () => oriel.api<Status>('/api/v1/status')
const request = (path: string) => () => `GET ${path} HTTP/1.1\r\nHost: app.test\r\n\r\n`
/** About 150 requests a second. */
const lanes = { connections: 15, gapMs: 95, strict: true }

test('ten reloads and both workers replaced twice under 300 requests a second: every request is answered', async () => {
  const loads = [
    startLoad({ port: oriel.http, requests: request('/kept'), ...lanes }),
    startLoad({ port: oriel.http, requests: request('/fresh'), ...lanes, fresh: true }),
    // Long ones are under way whenever something changes.
    startLoad({ port: oriel.http, requests: request('/slow'), connections: 8, strict: true }),
    // Idle for longer than a leaving worker waits: these see their connection end, and open another.
    startLoad({ port: oriel.http, requests: request('/rare'), connections: 8, gapMs: 900, strict: true }),
  ]
  const text = readFileSync(oriel.config, 'utf8')
  const first = (await status()).workers.map(({ pid }) => pid)
  const seen = new Set(first)
  for (let i = 1; i <= 10; i++) {
    if (i % 5 === 0) process.kill(oriel.child.pid!, 'SIGUSR2')
    writeFileSync(oriel.config, `${text}  extra${i}.test: { to: '127.0.0.1:${upstream.port}' }\n`)
    await eventually(status, s => s.routes.includes(`extra${i}.test`))
    // Both workers are new before the next round.
    if (i % 5 === 0) {
      const { workers } = await eventually(
        status,
        s => s.workers.length === 2 && s.workers.every(({ pid }) => !seen.has(pid)),
        20_000,
      )
      for (const { pid } of workers) seen.add(pid)
    }
  }
  for (const load of loads) load.stop()
  await Promise.all(loads.map(load => load.done))
  const outcomes = loads.map(load => [...load.outcomes.keys()])
  expect(outcomes).toEqual([['200'], ['200'], ['200'], ['200']])
  const sent = loads.reduce((sum, load) => sum + load.outcomes.get('200')!, 0)
  // What the clients count, the counters count, over all workers that came and went.
  await eventually(
    async () =>
      [
        ...(await oriel.api<string>('/metrics')).matchAll(
          /^http_server_request_duration_seconds_count\{[^}]*\} (\d+)/gm,
        ),
      ]
        .map(match => Number(match[1]))
        .reduce((sum, count) => sum + count, 0),
    counted => counted === sent,
  )
  // Nobody died: a worker that is replaced is no failure.
  expect((await status()).workers.map(({ restarts }) => restarts)).toEqual([0, 0])
})
