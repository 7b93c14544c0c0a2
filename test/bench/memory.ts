// `node test/bench/memory.ts`: how soon a started Oriel serves, and what it takes when idle. Linux only.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { freePort } from './child.ts'

interface Process {
  pid: number
  name: string
  rssMb: number
  pssMb: number
}

const TOKEN = 'a-token-for-this-measurement-alone'
const binary = path.resolve(import.meta.dirname, '../../control/bin.cjs')
const { values } = parseArgs({
  options: { starts: { type: 'string', default: '5' }, idle: { type: 'string', default: '10' } },
})

/** Resolves with the status; asks again while the port is not there yet. */
async function firstAnswer(port: number): Promise<number> {
  for (;;) {
    const status = await new Promise<number>(resolve => {
      const request = get({ port, host: '127.0.0.1', agent: false }, response => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      request.once('error', () => resolve(0))
    })
    if (status !== 0) return status
    await delay(2)
  }
}

/** @returns the milliseconds to the first answer through the gate */
async function start(file: string, port: number, env: Record<string, string>) {
  const startedMs = performance.now()
  const child = spawn(process.execPath, [binary, 'run', file], {
    env: { ...process.env, ORIEL_LOG: 'error', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const status = await firstAnswer(port)
  if (status !== 200) throw new Error(`the first answer was ${status}`)
  return { child, ms: performance.now() - startedMs }
}

async function stop(child: ReturnType<typeof spawn>): Promise<void> {
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

function tree(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return [pid, ...children.flatMap(child => tree(Number(child)))]
}

function memoryOf(pid: number): Process {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const mb = (key: string) => Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(rollup)![1]) / 1024
  const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  const file = words.slice(1).find(word => /\.[cm]?[jt]s$/.test(word)) ?? words[0]!
  return { pid, name: path.basename(file), rssMb: mb('Rss'), pssMb: mb('Pss') }
}

const median = (list: number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!

async function startTime(file: string, port: number, count: number, env: Record<string, string>) {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const { child, ms } = await start(file, port, env)
    times.push(ms)
    await stop(child)
  }
  return median(times)
}

/** Twice: as started, and after the first look at the dashboard, which starts the query thread. */
async function idleMemory(file: string, port: number, admin: number): Promise<[Process[], Process[]]> {
  const { child } = await start(file, port, { ORIEL_ADMIN_TOKEN: TOKEN })
  const idle = async () => {
    await delay(Number(values.idle) * 1000)
    return tree(child.pid!).map(memoryOf)
  }
  const before = await idle()
  const overview = `http://127.0.0.1:${admin}/api/v1/overview?from=now-15m&to=now`
  const { status } = await fetch(overview, { headers: { authorization: `Bearer ${TOKEN}` } })
  if (status !== 200) throw new Error(`the overview answered ${status}`)
  const after = await idle()
  await stop(child)
  return [before, after]
}

const line = (name: string, figure: string) => process.stdout.write(`${name.padEnd(44)}${figure}\n`)

function report(when: string, processes: readonly Process[]): void {
  for (const { name, rssMb, pssMb } of [...processes, total(processes)])
    line(`${when}, ${name}`, `${rssMb.toFixed(0)} MB RSS, ${pssMb.toFixed(0)} MB PSS`)
}

function total(processes: readonly Process[]): Process {
  const sum = (key: 'rssMb' | 'pssMb') => processes.reduce((so, one) => so + one[key], 0)
  return { pid: 0, name: 'all processes', rssMb: sum('rssMb'), pssMb: sum('pssMb') }
}

async function main(): Promise<void> {
  const backend = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(backend, 'listening')
  const directory = mkdtempSync(path.join(tmpdir(), 'oriel-memory-'))
  const [port, admin] = [await freePort(), await freePort()]
  const file = path.join(directory, 'oriel.yaml')
  writeFileSync(
    file,
    `listen: { http: 127.0.0.1:${port}, https: 127.0.0.1:0 }\nadmin: 127.0.0.1:${admin}\nworkers: 1\n` +
      `data: ${directory}/data\nroutes: { '*': '127.0.0.1:${(backend.address() as AddressInfo).port}' }\n`,
  )
  const times = async (name: string, count: number, env: Record<string, string>) =>
    line(name, `${(await startTime(file, port, count, env)).toFixed(0)} ms`)
  const starts = Number(values.starts)
  await times('start, new data directory (certificates)', 1, {})
  await times('start without a compile cache, median', starts, { NODE_DISABLE_COMPILE_CACHE: '1' })
  await times('start with a compile cache, median', starts, {})
  const [before, after] = await idleMemory(file, port, admin)
  report('idle', before)
  report('idle, dashboard used', after)
  backend.close()
  rmSync(directory, { recursive: true, force: true })
}

await main()
