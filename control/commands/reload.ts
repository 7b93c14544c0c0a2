// oriel reload: the running Oriel takes the changed file over now, or says why not.
import { parseArgs } from 'node:util'
import type { ReloadOutcome } from '../admin/contract.ts'
import { needRunningOriel } from './running-oriel.ts'

export const help = `usage: oriel reload [--config FILE]

The running Oriel takes the changed file over now, or says why not; then the running configuration stays.

  --config FILE    whose Oriel: oriel.yaml here, else the demo's
`

export async function run(words: string[]): Promise<number> {
  const { values } = parseArgs({ args: words, options: { config: { type: 'string' } } })
  const running = await needRunningOriel(values.config)
  const outcome = await running.post<ReloadOutcome>('/api/v1/reload', {})
  if (outcome.ok) {
    process.stdout.write(`configuration ${outcome.generation} is in force\n`)
    return 0
  }
  process.stderr.write(`refused, the running configuration stays:\n${outcome.problems.join('\n')}\n`)
  return 1
}
