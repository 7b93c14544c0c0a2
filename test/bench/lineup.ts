// Starts the targets of one scenario and ends them again.
import { mkdtempSync } from 'node:fs'
import path from 'node:path'
import { type Child, freePort, startChild } from './child.ts'
import type { Row } from './report.ts'
import type { Backend, Running, Scenario, Setup } from './scenario.ts'
import type { CertificateFiles, Target } from './target.ts'
import type { Need } from './tools.ts'

export interface RunContext {
  folder: string
  certificate: CertificateFiles
  accessLog: boolean
  /** Programs that are not there and could not be installed. */
  absent: readonly Need[]
  /** All that runs now; whoever ends the benchmark stops it. */
  children: Set<{ stop(): Promise<void> }>
}

/** One target in one setup of a scenario: its row of the table, and how to bring it up. */
export interface Slot {
  row: Row
  target: Target
  setup: Setup
  running?: Running & { child: Child }
}

const ONE_WORKER: Setup = { label: '', workers: 1 }

export function slotsOf(scenario: Scenario, targets: readonly Target[], context: RunContext): Slot[] {
  return (scenario.setups ?? [ONE_WORKER]).flatMap(setup =>
    targets
      .filter(target => target.takesPart(scenario.name))
      .map(target => {
        const row: Row = { target: target.name, setup: setup.label, samples: [] }
        const lacking = [...scenario.needs, target.needs].find(
          need => need && context.absent.some(({ program }) => program === need.program),
        )
        if (lacking) row.missing = `needs the package ${lacking.debian}, not installed`
        return { row, target, setup }
      }),
  )
}

export async function start(slot: Slot, backend: Backend, context: RunContext): Promise<void> {
  const { target, setup } = slot
  const folder = mkdtempSync(path.join(context.folder, 'target-'))
  const ports = { http: await freePort(), https: await freePort() }
  const { certificate, accessLog } = context
  const plan = target.prepare({
    ...{ folder, ports, certificate, accessLog },
    ...{ workers: setup.workers, backendPort: backend.port },
  })
  const serves = target.takesPart('tls') ? [ports.http, ports.https] : [ports.http]
  const child = await startChild(plan, serves, path.join(folder, 'output'))
  context.children.add(child)
  slot.running = { target, pid: child.pid, ports, backend, folder, warmed: 0, child }
}

export async function stop(slot: Slot, context: RunContext): Promise<void> {
  const child = slot.running?.child
  if (child === undefined) return
  delete slot.running
  await child.stop()
  context.children.delete(child)
}
