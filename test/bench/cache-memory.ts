// `node test/bench/cache-memory.ts`: what a worker's memory is after a stream of distinct keys, beside its budget. Linux only.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { startNginxBackend } from './backends/nginx.ts'
import { freePort, startChild } from './child.ts'
import { wrk } from './load/wrk.ts'
import { commandLine, cpuBetweenNs, cpuTimes, processTree } from './proc/cpu.ts'

const TOKEN = 'a-token-for-this-measurement-alone'
const STEP_SECONDS = 5
const MB = 1024 ** 2
const { values } = parseArgs({
  options: {
    keys: { type: 'string', default: '1000000' },
    /** Bytes of the answers, or `mixed`: from 300 bytes to 100 KB, small ones as frequent as large ones. */
    body: { type: 'string', default: '2048' },
    budget: { type: 'string', default: '64mb' },
    disk: { type: 'boolean', default: false },
    /** false: nothing is stored, for what the traffic alone takes. */
    cache: { type: 'string', default: 'true' },
  },
})

interface Reading {
  keys: number
  rssMb: number
  peakMb: number
  heapMb: number
  budgetedMb: number
  entries: number
  /** CPU of the worker for each request since the last reading. */
  workerUs: number
}

const MIXED_SIZES = 24

/** Bytes of the answers that the backend gives. */
function sizes(): number[] {
  if (values.body !== 'mixed') return [Number(values.body)]
  const step = (100_000 / 300) ** (1 / (MIXED_SIZES - 1))
  return Array.from({ length: MIXED_SIZES }, (_, i) => Math.round(300 * step ** i))
}

/** Every request of the run has a key of its own. @param field of each request, as Lua writes it */
function keysOf(folder: string, from: number, field = ''): string {
  const script = path.join(folder, 'keys.lua')
  writeFileSync(
    script,
    `local n = ${from}
local fields = {${field}}
request = function()
  n = n + 1
  return wrk.format("GET", "/kept/" .. (n * 7919 % ${sizes().length}) .. "?" .. n, fields)
end
`,
  )
  return script
}

function statusMb(pid: number, key: string): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)![1]) / 1024
}

async function read(pid: number, admin: number, keys: number, workerUs: number): Promise<Reading> {
  const answer = await fetch(`http://127.0.0.1:${admin}/metrics`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  })
  const text = await answer.text()
  const metric = (name: string) => Number(new RegExp(`^${name}{[^}]*} (\\S+)`, 'm').exec(text)?.[1] ?? 0)
  return {
    keys,
    rssMb: statusMb(pid, 'VmRSS'),
    peakMb: statusMb(pid, 'VmHWM'),
    heapMb: metric('oriel_worker_heap_used_bytes') / MB,
    budgetedMb: metric('oriel_worker_cache_bytes') / MB,
    entries: metric('oriel_worker_cache_entries'),
    workerUs,
  }
}

const cell = (value: number) => value.toFixed(value < 1000 ? 1 : 0).padStart(10)

function print(
  { keys, rssMb, peakMb, heapMb, budgetedMb, entries, workerUs }: Reading,
  idleMb: number,
): void {
  const cells = [rssMb, rssMb - idleMb, peakMb, heapMb, budgetedMb].map(cell).join('')
  process.stdout.write(
    `${String(keys).padStart(10)}${cells}${String(entries).padStart(10)}${cell(workerUs)}\n`,
  )
}

function writeConfig(file: string, folder: string, ports: { http: number; admin: number; backend: number }) {
  const cache = values.cache === 'true' ? `{ memory: ${values.budget} }` : 'false'
  writeFileSync(
    file,
    `listen: { http: 127.0.0.1:${ports.http}, https: 127.0.0.1:0 }\nadmin: 127.0.0.1:${ports.admin}\nworkers: 1\n` +
      `data: ${folder}/data\ncache: { disk: ${values.disk ? '1gb' : 'false'} }\n` +
      `client: { keepAliveRequests: 1000000 }\n` +
      `routes: { '*': { to: '127.0.0.1:${ports.backend}', cache: ${cache} } }\n`,
  )
}

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'oriel-cache-memory-'))
  const backend = await startNginxBackend(folder)
  for (const [i, bytes] of sizes().entries())
    writeFileSync(path.join(folder, 'backend', 'kept', String(i)), Buffer.alloc(bytes, 'oriel '))
  const [http, admin] = [await freePort(), await freePort()]
  const file = path.join(folder, 'oriel.yaml')
  writeConfig(file, folder, { http, admin, backend: backend.port })
  const bin = path.join(import.meta.dirname, '../../control/bin.cjs')
  const env = { NODE_ENV: 'production', ORIEL_LOG: 'error', ORIEL_ADMIN_TOKEN: TOKEN }
  const oriel = await startChild(
    { command: [process.execPath, bin, 'run', file], env },
    [http, admin],
    path.join(folder, 'output'),
  )
  try {
    const worker = processTree(oriel.pid).find(pid => commandLine(pid).includes(`proxy${path.sep}worker`))!
    const load = { url: `http://127.0.0.1:${http}/kept/0`, connections: 32 }
    // The same traffic past the cache: code is compiled, connections stand, the young generation is as large as it gets.
    await wrk({ ...load, seconds: STEP_SECONDS, script: keysOf(folder, 0, '["Cache-Control"] = "no-store"') })
    const idle = await read(worker, admin, 0, 0)
    process.stdout.write(
      '      keys       RSS    growth  peak RSS      heap  budgeted   entries  µs/req   (MB)\n',
    )
    print(idle, idle.rssMb)
    for (let keys = 0; keys < Number(values.keys); ) {
      const script = keysOf(folder, keys)
      const before = cpuTimes([worker])
      const { operations } = await wrk({ ...load, seconds: STEP_SECONDS, script })
      keys += operations
      const workerUs = cpuBetweenNs(before, cpuTimes([worker])) / 1000 / operations
      print(await read(worker, admin, keys, workerUs), idle.rssMb)
    }
  } finally {
    await oriel.stop()
    await backend.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
