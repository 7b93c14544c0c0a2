// One measurement: load on one running target, with the CPU time of its worker and of its whole process tree.
import type { Backend } from './backend.ts'
import { commandLine, cpuNs, processTree } from './cpu.ts'
import { runLoad } from './load.ts'
import { paths, type Scenario, type Target } from './target.ts'

export interface Running {
  target: Target
  pid: number
  port: number
}

export interface Sample {
  requestsPerSecond: number
  p50Ms: number
  p99Ms: number
  /** CPU per request, in microseconds. */
  workerUs: number
  treeUs: number
  errors: number
}

export interface MeasureOptions {
  backend: Backend
  seconds: number
  connections: number
}

function workersOf({ target, pid }: Running): number[] {
  const below = processTree(pid).slice(1)
  const { isWorker } = target
  const workers = isWorker ? below.filter(child => isWorker(commandLine(child))) : [pid]
  if (workers.length === 0) throw new Error(`${target.name}: no worker process below ${pid}`)
  return workers
}

const sumNs = (pids: readonly number[]) => pids.reduce((sum, pid) => sum + cpuNs(pid), 0)

/** A proxied request reaches the backend, a cached one does not; anything else measures something else. */
function checkScenario(scenario: Scenario, requests: number, reached: number): void {
  const share = reached / requests
  if (scenario === 'proxied' && share < 0.99)
    throw new Error(`only ${(share * 100).toFixed(1)} % reached the backend`)
  if (scenario === 'cached' && share > 0.01)
    throw new Error(`${(share * 100).toFixed(1)} % were no cache hits`)
}

export async function measure(
  running: Running,
  scenario: Scenario,
  options: MeasureOptions,
): Promise<Sample> {
  const { backend, seconds, connections } = options
  const url = `http://127.0.0.1:${running.port}${paths[scenario]}`
  const workers = workersOf(running)
  const tree = processTree(running.pid)
  const seenBefore = await backend.requests()
  const [workerBefore, treeBefore] = [sumNs(workers), sumNs(tree)]
  const load = await runLoad({ url, seconds, connections })
  const [workerAfter, treeAfter] = [sumNs(workers), sumNs(tree)]
  checkScenario(scenario, load.requests, (await backend.requests()) - seenBefore)
  return {
    requestsPerSecond: load.requests / load.seconds,
    p50Ms: load.p50Ms,
    p99Ms: load.p99Ms,
    workerUs: (workerAfter - workerBefore) / 1000 / load.requests,
    treeUs: (treeAfter - treeBefore) / 1000 / load.requests,
    errors: load.errors,
  }
}
