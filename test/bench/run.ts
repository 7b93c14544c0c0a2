// `npm run bench`: Oriel beside nginx, HAProxy, Caddy, Varnish and http-proxy, as rate and as CPU per request.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { startBackend } from './backend.ts'
import { type Child, freePort, startChild } from './child.ts'
import { measure, type Running } from './measure.ts'
import { markdown, type Row, summarize } from './report.ts'
import type { Bench, Scenario, Target } from './target.ts'
import { caddy } from './targets/caddy.ts'
import { haproxy } from './targets/haproxy.ts'
import { httpProxy } from './targets/http-proxy.ts'
import { nginx } from './targets/nginx.ts'
import { oriel } from './targets/oriel.ts'
import { varnish } from './targets/varnish.ts'
import { installTools } from './tools.ts'

const targets: readonly Target[] = [oriel, nginx, haproxy, caddy, httpProxy, varnish]
const scenarios: readonly Scenario[] = ['proxied', 'cached']
/** Long enough for V8 and the caches to settle. */
const warmUpSeconds = 3

interface Slot {
  row: Row
  running?: Running
}

const say = (text: string) => process.stderr.write(`${text}\n`)
const reason = (error: unknown) => (error instanceof Error ? error.message : String(error))

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '32' },
      only: { type: 'string' },
      json: { type: 'string' },
    },
  })
  const whole = (key: 'rounds' | 'seconds' | 'connections') => {
    const value = Number(values[key])
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${key} needs a whole number, not "${values[key]}"`)
    return value
  }
  const only = values.only?.toLowerCase().split(',')
  return {
    rounds: whole('rounds'),
    seconds: whole('seconds'),
    connections: whole('connections'),
    json: values.json,
    chosen: targets.filter(({ name }) => !only || only.some(part => name.toLowerCase().startsWith(part))),
  }
}

type Options = ReturnType<typeof readOptions>

/** Starts each target once and lists what to measure, grouped by scenario. */
async function startTargets(chosen: readonly Target[], bench: Bench, children: Child[]): Promise<Slot[]> {
  const absent = installTools(chosen.flatMap(({ needs }) => needs ?? []))
  const slots: Slot[] = []
  for (const target of chosen) {
    let running: Running | undefined
    let missing = ''
    try {
      if (target.needs && absent.includes(target.needs))
        throw new Error(`needs ${target.needs.debian}, not installed`)
      const port = await freePort()
      const child = await startChild(target.prepare(bench, port), port)
      children.push(child)
      running = { target, pid: child.pid, port }
    } catch (error) {
      missing = reason(error)
      say(`${target.name}: ${missing}`)
    }
    for (const scenario of target.scenarios) {
      const row: Row = { scenario, target: target.name, samples: [], ...(missing ? { missing } : {}) }
      slots.push(running ? { row, running } : { row })
    }
  }
  return scenarios.flatMap(scenario => slots.filter(slot => slot.row.scenario === scenario))
}

/** Rounds are interleaved, A B C A B C, so that a slow minute of the machine falls on all alike. */
async function runRounds(
  slots: readonly Slot[],
  options: Options,
  backend: Awaited<ReturnType<typeof startBackend>>,
) {
  for (let round = 0; round <= options.rounds; round++) {
    const warmUp = round === 0
    for (const { row, running } of slots) {
      if (running === undefined || row.missing) continue
      try {
        const seconds = warmUp ? warmUpSeconds : options.seconds
        const sample = await measure(running, row.scenario, { ...options, backend, seconds })
        if (warmUp) continue
        row.samples.push(sample)
        const rate = Math.round(sample.requestsPerSecond)
        say(`round ${round} ${row.scenario} ${row.target}: ${rate}/s, ${sample.workerUs.toFixed(1)} µs`)
      } catch (error) {
        // A first miss belongs to the warm-up of a cache.
        if (warmUp && row.scenario === 'cached') continue
        row.missing = reason(error)
        say(`${row.target}: ${row.missing}`)
      }
    }
  }
}

async function main(): Promise<void> {
  const options = readOptions()
  const lacking = installTools([
    { program: 'wrk', debian: 'wrk' },
    { program: 'nginx', debian: 'nginx' },
  ])
  if (lacking.length) throw new Error(`the benchmark needs ${lacking.map(need => need.debian).join(' and ')}`)
  const folder = mkdtempSync(path.join(tmpdir(), 'oriel-bench-'))
  const children: Child[] = []
  const cleanUp = async () => {
    await Promise.all(children.map(child => child.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanUp().then(() => process.exit(130)))
  }
  try {
    const backend = await startBackend(folder)
    children.push(backend)
    const slots = await startTargets(options.chosen, { folder, backendPort: backend.port }, children)
    await runRounds(slots, options, backend)
    const rows = slots.map(slot => slot.row)
    const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}`
    const setting = `${options.rounds} rounds of ${options.seconds} s, ${options.connections} connections`
    process.stdout.write(`${machine}; ${setting}, median\n\n${markdown(rows)}\n`)
    if (options.json) {
      const results = rows
        .filter(row => row.samples.length)
        .map(row => ({ ...summarize(row), samples: row.samples }))
      writeFileSync(options.json, `${JSON.stringify({ machine, setting, results }, null, 2)}\n`)
    }
  } finally {
    await cleanUp()
  }
}

main().catch((error: unknown) => {
  say(`bench: ${reason(error)}`)
  process.exitCode = 1
})
