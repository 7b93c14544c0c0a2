// `node test/bench/cache-disk-busy.ts`: what other requests notice while the cache's disk tier is busy. Linux only.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startNginxBackend } from './backends/nginx.ts'
import { freePort, startChild } from './child.ts'
import { type PacedResult, paced } from './load/paced.ts'

const TOKEN = 'a-token-for-this-measurement-alone'
const KB = 1024
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '4' },
    /** Hits in memory, and requests that are not cached, each second. */
    others: { type: 'string', default: '300' },
    /** New answers of 16 KB each second. */
    fills: { type: 'string', default: '600' },
    workers: { type: 'string', default: '1' },
  },
})
const seconds = Number(values.seconds)

interface Gate {
  http: number
  pid: number
  metrics(): Promise<string>
  reload(): Promise<void>
  stop(): Promise<void>
}

async function startGate(folder: string, backend: number, disk: string): Promise<Gate> {
  const [http, admin] = [await freePort(), await freePort()]
  const file = path.join(folder, `oriel-${http}.yaml`)
  writeFileSync(
    file,
    `listen: { http: 127.0.0.1:${http}, https: 127.0.0.1:0 }\nadmin: 127.0.0.1:${admin}\nworkers: ${values.workers}\n` +
      `data: ${folder}/data-${http}\ncache: { disk: ${disk} }\nroutes: { '*': { to: '127.0.0.1:${backend}', cache: true } }\n`,
  )
  const bin = path.join(import.meta.dirname, '../../control/bin.cjs')
  const env = { NODE_ENV: 'production', ORIEL_LOG: 'error', ORIEL_ADMIN_TOKEN: TOKEN }
  const command = [process.execPath, bin, 'run', file]
  const child = await startChild({ command, env }, [http, admin], path.join(folder, `output-${http}`))
  const headers = { authorization: `Bearer ${TOKEN}`, 'x-oriel-request': '1' }
  const call = async (place: string, init: RequestInit = {}) => {
    const answer = await fetch(`http://127.0.0.1:${admin}${place}`, { ...init, headers })
    if (!answer.ok) throw new Error(`${place} answered ${answer.status}`)
    return answer.text()
  }
  return {
    http,
    pid: child.pid,
    metrics: () => call('/metrics'),
    reload: async () => void (await call('/api/v1/reload', { method: 'POST' })),
    stop: () => child.stop(),
  }
}

let from = 0

/** Hits and proxied requests, and beside them what fills the cache. */
async function load({ http: port }: Gate, fills: number) {
  const first = (from += 1_000_000)
  const perSecond = Number(values.others)
  const [hits, proxied, filled] = await Promise.all([
    paced({ port, seconds, perSecond, path: () => '/kept/2kb' }),
    paced({ port, seconds, perSecond, path: () => '/json' }),
    paced({ port, seconds, perSecond: fills, path: n => `/kept/16kb?${first + n}` }),
  ])
  return { hits, proxied, filled }
}

const ms = (value: number) => value.toFixed(2).padStart(8)
const figures = ({ p50Ms, p99Ms, maxMs }: PacedResult) => `${ms(p50Ms)}${ms(p99Ms)}${ms(maxMs)}`

function print(name: string, { hits, proxied, filled }: Awaited<ReturnType<typeof load>>): void {
  const failures = hits.failures + proxied.failures + filled.failures
  const cells = [hits, proxied, filled].map(figures).join(' |')
  process.stdout.write(`${name.padEnd(34)}|${cells} |${String(failures).padStart(6)}\n`)
}

async function changing(gate: Gate): Promise<void> {
  const loaded = load(gate, Number(values.fills))
  for (let n = 0; n < 3; n++) {
    await delay((seconds * 1000) / 8)
    await gate.reload()
  }
  process.kill(gate.pid, 'SIGUSR2')
  print('disk, 3 reloads and a replacement', await loaded)
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'oriel-disk-busy-'))
  const backend = await startNginxBackend(folder)
  writeFileSync(path.join(folder, 'backend', 'kept', '16kb'), Buffer.alloc(16 * KB, 'oriel '))
  const gates: Gate[] = []
  try {
    const withDisk = await startGate(folder, backend.port, '1gb')
    gates.push(withDisk)
    const without = await startGate(folder, backend.port, 'false')
    gates.push(without)
    for (const gate of gates) await load(gate, 100)
    process.stdout.write(
      `${''.padEnd(34)}|     hits: p50, p99, max |      proxied             |        fills             | failed\n`,
    )
    for (let round = 0; round < Number(values.rounds); round++) {
      print('disk tier busy', await load(withDisk, Number(values.fills)))
      print('no disk tier, same fills', await load(without, Number(values.fills)))
    }
    await changing(withDisk)
    const metrics = await withDisk.metrics()
    for (const line of metrics.match(/^oriel_cache_disk_(?:stored|dropped|late|bytes)\S* .*$/gm) ?? [])
      process.stdout.write(`${line}\n`)
  } finally {
    await Promise.all(gates.map(gate => gate.stop()))
    await backend.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
