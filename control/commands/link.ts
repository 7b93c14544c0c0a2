// oriel link: a new one-time login link for the dashboard of the running Oriel.
import { parseArgs } from 'node:util'
import { needRunningOriel } from './running-oriel.ts'

export const help = `usage: oriel link [--config FILE]

Prints a new login link for the dashboard of the running Oriel. It works once, within ten minutes.

  --config FILE    whose Oriel: oriel.yaml here, else the demo's
`

export async function run(words: string[]): Promise<number> {
  const { values } = parseArgs({ args: words, options: { config: { type: 'string' } } })
  const running = await needRunningOriel(values.config)
  const { link } = await running.post<{ link: string }>('/api/v1/link', {})
  process.stdout.write(`${link}\n`)
  return 0
}
