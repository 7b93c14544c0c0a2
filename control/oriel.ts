// The command line: finds the command's file and runs it.
import { Fault } from './fault.ts'

/** Each file's `run` gets the words after the command. @returns the exit code */
const COMMANDS: Record<string, () => Promise<{ run(words: string[]): Promise<number> }>> = {
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

async function main([first = 'help', ...rest]: string[]): Promise<number> {
  const command = COMMANDS[ALIASES[first] ?? first]
  if (command !== undefined) return (await command()).run(rest)
  // `oriel 3000` and `oriel app.example.com 3000` need no command.
  return (await import('./commands/front.ts')).run([first, ...rest])
}

function fail(error: Error & { code?: string }): void {
  const known = error instanceof Fault || error.code?.startsWith('ERR_PARSE_ARGS')
  process.stderr.write(`${known ? error.message : (error.stack ?? String(error))}\n`)
  process.exit(1)
}

// What a command leaves open (pools, timers) is not worth waiting for. No top-level await: bin.cjs requires this.
main(process.argv.slice(2)).then(code => process.exit(code), fail)
