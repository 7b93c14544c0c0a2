// oriel run [oriel.yaml]
import { parseArgs } from 'node:util'
import { version } from '../version.ts'
import { serve } from './serve.ts'

export const DEFAULT_FILE = 'oriel.yaml'

export const help = `usage: oriel run [oriel.yaml]

Runs with a configuration file until it is stopped, and takes changes of the file over by itself.
Every option of the file, with its default: config/oriel.example.yaml
`

export async function run(words: string[]): Promise<number> {
  const { positionals } = parseArgs({ args: words, allowPositionals: true })
  const file = positionals[0] ?? DEFAULT_FILE
  return serve({ file, title: `Oriel ${version} runs ${file}` })
}
