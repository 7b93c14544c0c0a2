// `npm run bench`: Oriel beside nginx, HAProxy, Caddy, Varnish and http-proxy: rate, CPU and memory.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import path from 'node:path'
import { certificateFiles } from './certificate-files.ts'
import type { RunContext } from './lineup.ts'
import { limitTlsClients } from './load/run-tool.ts'
import { type Options, readOptions, usage } from './options.ts'
import { markdown, summarize } from './report.ts'
import { reason, runScenario, say } from './rounds.ts'
import type { Scenario } from './scenario.ts'
import { body1gb } from './scenarios/body-1gb.ts'
import { body1mb } from './scenarios/body-1mb.ts'
import { body10kb } from './scenarios/body-10kb.ts'
import { cacheDisk } from './scenarios/cache-disk.ts'
import { cacheFill } from './scenarios/cache-fill.ts'
import { cacheRevalidated } from './scenarios/cache-revalidated.ts'
import { cached } from './scenarios/cached.ts'
import { h2 } from './scenarios/h2.ts'
import { handshakes } from './scenarios/handshakes.ts'
import { idle } from './scenarios/idle.ts'
import { proxied } from './scenarios/proxied.ts'
import { tls } from './scenarios/tls.ts'
import { upload1mb } from './scenarios/upload-1mb.ts'
import { websocket } from './scenarios/websocket.ts'
import { workers } from './scenarios/workers.ts'
import type { Target } from './target.ts'
import { caddy } from './targets/caddy.ts'
import { haproxy } from './targets/haproxy.ts'
import { httpProxy } from './targets/http-proxy.ts'
import { nginx } from './targets/nginx.ts'
import { oriel } from './targets/oriel.ts'
import { varnish } from './targets/varnish.ts'
import { installTools } from './tools.ts'

const targets: readonly Target[] = [oriel, nginx, haproxy, caddy, httpProxy, varnish]
const scenarios: readonly Scenario[] = [
  ...[proxied, cached, tls, handshakes, h2, body10kb, body1mb, upload1mb, websocket, workers],
  ...[cacheRevalidated, cacheFill, cacheDisk, idle, body1gb],
]

function chosenScenarios({ scenarios: names }: Options): readonly Scenario[] {
  const unknown = names?.find(name => !scenarios.some(scenario => scenario.name === name))
  if (unknown) throw new Error(`no scenario is called "${unknown}"; --list names them`)
  return scenarios.filter(({ name }) => !names || names.includes(name))
}

function chosenTargets({ only }: Options): readonly Target[] {
  return targets.filter(({ name }) => !only || only.some(part => name.toLowerCase().startsWith(part)))
}

function setting({ rounds, seconds, connections, accessLog }: Options): string {
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores`
  const load = `median of ${rounds} rounds of ${seconds} s, ${connections} connections of wrk`
  const busy = `load average before the run ${loadavg()[0]!.toFixed(1)}`
  return `${machine}, Node ${process.versions.node}; ${load}; access logs ${accessLog ? 'on' : 'off'}; ${busy}.`
}

async function runAll(options: Options, context: RunContext): Promise<void> {
  const about = setting(options)
  process.stdout.write(`${about}\n\n`)
  const results: object[] = []
  for (const scenario of chosenScenarios(options)) {
    const rows = await runScenario(scenario, chosenTargets(options), options, context)
    process.stdout.write(`${markdown(scenario, rows)}\n`)
    for (const row of rows) results.push({ scenario: scenario.name, ...row, median: summarize(row) })
    // After each scenario, so that a run that is cut short leaves what it has.
    if (options.json) writeFileSync(options.json, `${JSON.stringify({ setting: about, results }, null, 2)}\n`)
  }
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2))
  if (options.list) {
    for (const { name, about } of scenarios) process.stdout.write(`${name.padEnd(12)}${about}\n`)
    process.stdout.write(`\ntargets: ${targets.map(({ name }) => name).join(', ')}\n`)
    return
  }
  const needs = [
    ...chosenScenarios(options).flatMap(scenario => scenario.needs),
    ...chosenTargets(options).flatMap(target => target.needs ?? []),
  ]
  // The backend is an nginx.
  const absent = installTools([...needs, nginx.needs!])
  if (absent.some(({ program }) => program === nginx.needs!.program))
    throw new Error('the benchmark needs nginx')
  const folder = mkdtempSync(path.join(tmpdir(), 'oriel-bench-'))
  const certificate = await certificateFiles(folder)
  limitTlsClients(folder)
  const { accessLog } = options
  const context: RunContext = { folder, certificate, accessLog, absent, children: new Set() }
  const cleanUp = async () => {
    await Promise.all([...context.children].map(child => child.stop()))
    rmSync(folder, { recursive: true, force: true })
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void cleanUp().then(() => process.exit(130)))
  try {
    await runAll(options, context)
  } finally {
    await cleanUp()
  }
}

main().catch((error: unknown) => {
  say(`bench: ${reason(error)}\n\n${usage}`)
  process.exitCode = 1
})
