// The command line: finds the command's file and runs it.
import { Fault } from './fault.ts'

interface Command {
  /** What `--help` prints. */
  readonly help: string
  /** Gets the words after the command. @returns the exit code */
  run(words: string[]): Promise<number>
}

const COMMANDS: Record<string, () => Promise<Command>> = {
  run: () => import('./commands/run.ts'),
  check: () => import('./commands/check.ts'),
  explain: () => import('./commands/explain.ts'),
  reload: () => import('./commands/reload.ts'),
  purge: () => import('./commands/purge.ts'),
  link: () => import('./commands/link.ts'),
  demo: () => import('./commands/demo.ts'),
  'demo-or': () => import('./commands/demo-or.ts'),
  warm: () => import('./commands/warm.ts'),
  version: () => import('./commands/version.ts'),
  help: () => import('./commands/help.ts'),
}

const ALIASES: Record<string, string> = {
  '--version': 'version',
  '-v': 'version',
  '--help': 'help',
  '-h': 'help',
}

/** `oriel 3000` and `oriel app.example.com 3000` need no command. */
const front = (): Promise<Command> => import('./commands/front.ts')

async function main([first = 'help', ...rest]: string[]): Promise<number> {
  const name = ALIASES[first] ?? first
  // `oriel help purge` is `oriel purge --help`.
  if (name === 'help' && COMMANDS[rest[0] ?? ''] !== undefined) return main([rest[0]!, '--help'])
  const command = COMMANDS[name]
  const { help, run } = await (command ?? front)()
  if (!rest.some(word => word === '--help' || word === '-h')) return run(command ? rest : [first, ...rest])
  process.stdout.write(help)
  return 0
}

function fail(error: Error & { code?: string }): void {
  const known = error instanceof Fault || error.code?.startsWith('ERR_PARSE_ARGS')
  process.stderr.write(`${known ? error.message : (error.stack ?? String(error))}\n`)
  process.exit(1)
}

// What a command leaves open (pools, timers) is not worth waiting for. No top-level await: bin.cjs requires this.
main(process.argv.slice(2)).then(code => process.exit(code), fail)
