// Runs one scenario: its backend, its targets, and the rounds in turn.
import { type RunContext, type Slot, slotsOf, start, stop } from './lineup.ts'
import { metricInfo, type Sample } from './metrics.ts'
import type { Options } from './options.ts'
import type { Row } from './report.ts'
import type { Backend, Scenario } from './scenario.ts'
import type { Target } from './target.ts'

export const say = (text: string) => void process.stderr.write(`${text}\n`)
export const reason = (error: unknown) => (error instanceof Error ? error.message : String(error))

function progress(scenario: Scenario, { row }: Slot, round: number, sample: Sample): void {
  const figures = scenario.columns
    .map(metric => `${metricInfo(metric).title.replaceAll('*', scenario.unit)} ${sample[metric]?.toFixed(2)}`)
    .join(', ')
  say(`${scenario.name} ${round}, ${row.target} ${row.setup}: ${figures}, errors ${sample.errors}`)
}

/** A failure ends the target's part in the scenario, not the benchmark. */
async function attempt(slot: Slot, context: RunContext, work: () => Promise<void>): Promise<void> {
  if (slot.row.missing) return
  try {
    await work()
  } catch (error) {
    slot.row.missing = reason(error)
    say(`${slot.row.target}: ${slot.row.missing}`)
    await stop(slot, context)
  }
}

export async function runScenario(
  scenario: Scenario,
  targets: readonly Target[],
  options: Options,
  context: RunContext,
): Promise<Row[]> {
  const slots = slotsOf(scenario, targets, context)
  const backend: Backend = await scenario.startBackend(context.folder)
  context.children.add(backend)
  const rounds = Math.min(options.rounds, scenario.atMostRounds ?? options.rounds)
  // A B C A B C, so that a slow minute of the machine falls on all alike.
  for (let round = 1; round <= rounds; round++) {
    for (const slot of slots) {
      await attempt(slot, context, async () => {
        if (slot.running === undefined) await start(slot, backend, context)
        const sample = await scenario.measure(slot.running!, options)
        slot.row.samples.push(sample)
        progress(scenario, slot, round, sample)
        if (scenario.fresh) await stop(slot, context)
      })
    }
  }
  await Promise.all(slots.map(slot => stop(slot, context)))
  await backend.stop()
  context.children.delete(backend)
  return slots.map(slot => slot.row)
}
