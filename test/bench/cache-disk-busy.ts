// `node test/bench/cache-disk-busy.ts`: what other requests notice while the cache's disk tier is busy. Linux only.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startNginxBackend } from './backends/nginx.ts'
import { freePort, startChild } from './child.ts'
import { Helper } from './load/helper.ts'
import type { PacedQuestion, PacedResult } from './load/paced.ts'
import { type CpuTimes, commandLine, cpuTimes, processTree, waitedNs } from './proc/cpu.ts'

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
    /** At the end: reloads and a replaced worker under the same load. */
    changing: { type: 'boolean', default: false },
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

/** Each client is a process of its own: what one waits for is not what another has to do. */
const clients = [1, 2, 3].map(() => new Helper('load/paced.ts'))
/** Those that fill stand for clients elsewhere. */
const FILLER_NICENESS = 15
let first = 0

interface Loaded {
  hits: PacedResult
  proxied: PacedResult
  filled: PacedResult
  /** Milliseconds of CPU each second, of the worker and of the thread that keeps the disk tier. */
  workerCpu: number
  keeperCpu: number
  /** Milliseconds each second in which the worker could have run and had no core. */
  workerWaits: number
}

/** Hits and proxied requests, and beside them what fills the cache. */
async function load({ http: port, pid }: Gate, fills: number): Promise<Loaded> {
  first += 1_000_000
  const ask = (client: Helper, perSecond: number, path: string, niceness = 0) =>
    client.ask<PacedResult>({ port, seconds, perSecond, path, first, niceness } satisfies PacedQuestion)
  const perSecond = Number(values.others)
  const worker = processTree(pid).find(each => commandLine(each).includes(`proxy${path.sep}worker`))!
  const before = cpuTimes([worker, pid])
  const waitedBefore = waitedNs(worker)
  const [hits, proxied, filled] = await Promise.all([
    ask(clients[0]!, perSecond, '/kept/2kb'),
    ask(clients[1]!, perSecond, '/json'),
    ask(clients[2]!, fills, '/kept/16kb?#', FILLER_NICENESS),
  ])
  const after = cpuTimes([worker, pid])
  const used = (thread: string) => ((after.get(thread) ?? 0) - (before.get(thread) ?? 0)) / 1e6 / seconds
  return {
    hits: hits!,
    proxied: proxied!,
    filled: filled!,
    workerCpu: used(`${worker}/${worker}`),
    keeperCpu: used(keeperOf(pid, after)),
    workerWaits: (waitedNs(worker) - waitedBefore) / 1e6 / seconds,
  }
}

/** By its name: `pid/thread`. */
function keeperOf(pid: number, times: CpuTimes): string {
  const isKeeper = (thread: string) => {
    const [owner, task] = thread.split('/')
    return (
      owner === String(pid) && readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8').trim() === 'oriel-cache'
    )
  }
  return [...times.keys()].find(isKeeper) ?? ''
}

const ms = (value: number) => value.toFixed(2).padStart(8)
const figures = ({ p50Ms, p99Ms, maxMs }: PacedResult) => `${ms(p50Ms)}${ms(p99Ms)}${ms(maxMs)}`

function print(name: string, { hits, proxied, filled, workerCpu, keeperCpu, workerWaits }: Loaded): void {
  const failures = hits.failures + proxied.failures + filled.failures
  const cells = [hits, proxied, filled].map(figures).join(' |')
  const cpu = [workerCpu, keeperCpu, workerWaits].map(each => each.toFixed(0).padStart(6)).join('')
  process.stdout.write(`${name.padEnd(34)}|${cells} |${String(failures).padStart(6)} |${cpu}\n`)
}

function printMedians(pairs: { busy: Loaded; quiet: Loaded }[]): void {
  const median = (of: (pair: { busy: Loaded; quiet: Loaded }) => number) => {
    const sorted = pairs.map(of).sort((a, b) => a - b)
    const middle = sorted.length / 2
    return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2
  }
  const told = (name: string, of: (loaded: Loaded) => number) => {
    const [busy, quiet] = [median(pair => of(pair.busy)), median(pair => of(pair.quiet))]
    const difference = median(pair => of(pair.busy) - of(pair.quiet))
    const figures = [busy, quiet, difference].map(each => each.toFixed(2))
    process.stdout.write(
      `${name}: ${figures[0]} with the tier, ${figures[1]} without; difference ${figures[2]}\n`,
    )
  }
  process.stdout.write('Medians over the rounds:\n')
  told('p99 of hits, ms', ({ hits }) => hits.p99Ms)
  told('p99 of proxied requests, ms', ({ proxied }) => proxied.p99Ms)
  told('worker waits for a core, ms/s', ({ workerWaits }) => workerWaits)
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
      `${''.padEnd(34)}|     hits: p50, p99, max |      proxied             |        fills             | failed | ms/s: worker, keeper, worker waits for a core\n`,
    )
    const pairs: { busy: Loaded; quiet: Loaded }[] = []
    for (let round = 0; round < Number(values.rounds); round++) {
      const fills = Number(values.fills)
      // What the machine does meanwhile falls on both: each is first in turn.
      const quietFirst = round % 2 === 1 ? await load(without, fills) : undefined
      const busy = await load(withDisk, fills)
      const quiet = quietFirst ?? (await load(without, fills))
      pairs.push({ busy, quiet })
      print('disk tier busy', busy)
      print('no disk tier, same fills', quiet)
    }
    printMedians(pairs)
    if (values.changing) await changing(withDisk)
    const metrics = await withDisk.metrics()
    for (const line of metrics.match(/^oriel_cache_disk_(?:stored|dropped|late|bytes)\S* .*$/gm) ?? [])
      process.stdout.write(`${line}\n`)
  } finally {
    await Promise.all([...gates, ...clients].map(each => each.stop()))
    await backend.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

await main()
