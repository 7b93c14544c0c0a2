// oriel check [oriel.yaml]: says what is wrong with a configuration, without running it.
import { parseArgs } from 'node:util'
import { load } from '../../config/load.ts'
import { DEFAULT_FILE } from './run.ts'

export const help = `usage: oriel check [oriel.yaml]

Says what is wrong with a configuration file, each with its line and column, without running it.
Ends with 1 when something is.
`

export async function run(words: string[]): Promise<number> {
  const { positionals } = parseArgs({ args: words, allowPositionals: true })
  const file = positionals[0] ?? DEFAULT_FILE
  const outcome = await load(file)
  if (!outcome.ok) {
    process.stderr.write(`${outcome.problems.join('\n')}\n`)
    return 1
  }
  const { routes } = outcome.config
  process.stdout.write(`${file} is right: ${routes.length} ${routes.length === 1 ? 'route' : 'routes'}\n`)
  return 0
}
