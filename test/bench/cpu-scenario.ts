// What the load scenarios share: warm up, then load with the CPU time of the worker and of the whole process tree.
import type { LoadResult } from './load/load-result.ts'
import type { Metric, Sample } from './metrics.ts'
import { commandLine, cpuBetweenNs, cpuTimes, processTree } from './proc/cpu.ts'
import type { Bar, Load, Running, Scenario, Setup } from './scenario.ts'
import type { Need } from './tools.ts'

interface CpuScenario {
  name: string
  about: string
  unit?: string
  columns?: readonly Metric[]
  bars?: readonly Bar[]
  needs?: readonly Need[]
  setups?: readonly Setup[]
  startBackend: Scenario['startBackend']
  /** Whether requests reach the backend; anything else measures something else. Left out where nobody counts. */
  backendSees?: 'all' | 'none'
  /** Each answer has at least so many bytes of body. */
  bodyBytes?: number
  load(running: Running, load: Load): Promise<LoadResult>
}

/** A target is warm after so many answers: V8 has optimised, caches are full, upstream connections stand. */
const WARM_OPERATIONS = 50_000
/** Slow operations are not warmed up for longer. */
const WARM_SECONDS = 10
const WARM_STEP_SECONDS = 2
/** Before each further round, so that nobody starts it cold. */
const WARM_AGAIN_SECONDS = 1

export function workersOf({ target, pid }: Running): number[] {
  const below = processTree(pid).slice(1)
  const { isWorker } = target
  const workers = isWorker ? below.filter(child => isWorker(commandLine(child))) : [pid]
  if (workers.length === 0) throw new Error(`${target.name}: no worker process below ${pid}`)
  return workers
}

async function warmUp(scenario: CpuScenario, running: Running, load: Load): Promise<void> {
  const first = running.warmed === 0
  const steps = first ? WARM_SECONDS / WARM_STEP_SECONDS : 1
  const seconds = first ? WARM_STEP_SECONDS : WARM_AGAIN_SECONDS
  for (let step = 0; step < steps; step++) {
    const { operations } = await scenario.load(running, { ...load, seconds })
    running.warmed += operations
    if (running.warmed >= WARM_OPERATIONS) return
  }
}

function check({ backendSees, bodyBytes = 0 }: CpuScenario, load: LoadResult, reached: number): void {
  if (load.operations === 0) throw new Error(`not one good answer, ${load.errors} errors`)
  const percent = (100 * reached) / load.operations
  if (backendSees === 'all' && percent < 99)
    throw new Error(`only ${percent.toFixed(1)} % reached the backend`)
  if (backendSees === 'none' && percent > 1) throw new Error(`${percent.toFixed(1)} % were no cache hits`)
  // wrk rounds its bytes to three or four digits.
  if (load.bytes < load.operations * bodyBytes * 0.99) throw new Error('bodies were too short')
}

async function measure(scenario: CpuScenario, running: Running, load: Load): Promise<Sample> {
  await warmUp(scenario, running, load)
  const seen = async () => (await running.backend.requests?.()) ?? 0
  const workers = workersOf(running)
  const seenBefore = await seen()
  const before = cpuTimes(processTree(running.pid))
  const workersBefore = cpuTimes(workers)
  const result = await scenario.load(running, load)
  const after = cpuTimes(processTree(running.pid))
  const workersAfter = cpuTimes(workers)
  check(scenario, result, (await seen()) - seenBefore)
  const perOperation = (ns: number) => ns / 1000 / result.operations
  return {
    rate: result.operations / result.seconds,
    p50Ms: result.p50Ms ?? Number.NaN,
    p99Ms: result.p99Ms ?? Number.NaN,
    meanMs: result.meanMs ?? Number.NaN,
    workerUs: perOperation(cpuBetweenNs(workersBefore, workersAfter)),
    treeUs: perOperation(cpuBetweenNs(before, after)),
    errors: result.errors,
  }
}

export function cpuScenario(scenario: CpuScenario): Scenario {
  return {
    unit: 'request',
    columns: ['rate', 'p50Ms', 'p99Ms', 'workerUs', 'treeUs'],
    bars: [],
    needs: [{ program: 'wrk', debian: 'wrk' }],
    ...scenario,
    measure: (running, load) => measure(scenario, running, load),
  }
}
