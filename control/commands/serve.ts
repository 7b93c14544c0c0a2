// Runs Oriel until it is told to stop, and prints where it is; shared by run, demo and the short form.

import { flushCompileCache } from 'node:module'
import { type Control, control } from '../control.ts'
import { caFile } from '../local-ca.ts'
import { createLog } from '../log.ts'

export interface ServeOptions {
  file: string
  /** Lines above the addresses. */
  title: string
  /** Lines below them. */
  notes?: (control: Control) => string[]
  /** Started when Oriel serves. */
  beside?: (control: Control) => Beside
}

/** What runs together with Oriel and ends with it. */
export interface Beside {
  /** Oriel begins to drain: nothing new may start. */
  draining(): void
  /** Oriel has drained. */
  ended(): Promise<void>
}

/** @returns the exit code */
export async function serve({ file, title, notes, beside }: ServeOptions): Promise<number> {
  const log = createLog()
  const running = await control(file, log)
  const companions = beside?.(running)
  // Whoever read the banner may be gone (`oriel run | head`): that is no reason to stop serving.
  process.stdout.on('error', () => {})
  process.stdout.write(banner(title, running, notes?.(running) ?? []))
  // Also a process that is killed later has helped the next start.
  setTimeout(flushCompileCache, 3000).unref()
  await firstSignal()
  log.info('stopping; a second signal cuts')
  onSignal(() => {
    running.cut()
    process.exit(1)
  })
  companions?.draining()
  await running.stop()
  await companions?.ended()
  return 0
}

function onSignal(act: () => void): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, act)
}

function firstSignal(): Promise<void> {
  return new Promise(resolve => {
    const act = () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, act)
      resolve()
    }
    onSignal(act)
  })
}

function banner(title: string, { addresses, link, config }: Control, notes: string[]): string {
  const rows: [string, string][] = [
    ['http', addresses.http],
    ['https', addresses.https],
    ['dashboard', link],
  ]
  const lines = rows
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `  ${name.padEnd(11)}${value}`)
  const ca = addresses.https === '' ? [] : [`  ${'local CA'.padEnd(11)}${caFile(config.data)}`]
  return ['', `  ${title}`, '', ...lines, ...ca, ...notes.map(note => `  ${note}`), '', ''].join('\n')
}
