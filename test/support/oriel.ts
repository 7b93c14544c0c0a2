// The real thing for end-to-end tests: Oriel's own processes, started as a user starts them.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Status } from '../../control/admin/contract-status.ts'

const root = resolve(import.meta.dirname, '../..')
export const binary = join(root, 'control/bin.cjs')

export interface RunningOriel {
  child: ChildProcess
  /** Ports of the listeners. */
  http: number
  https: number
  /** `http://127.0.0.1:port` */
  admin: string
  /** Logs in once. */
  link: string
  config: string
  data: string
  output(): string
  api<T>(path: string, init?: RequestInit): Promise<T>
  /** Ends it; resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A directory that is gone when the test process is. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'oriel-test-'))
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/**
 * @param routes the YAML below `routes:`; @param more top-level YAML
 * @param maxFileBytes no file may grow beyond it: as on a full disk, writes fail, but only Oriel's own
 */
export async function startOriel(routes: string, more = '', maxFileBytes?: number): Promise<RunningOriel> {
  const directory = scratch()
  const config = join(directory, 'oriel.yaml')
  const data = join(directory, 'data')
  const own = 'listen: { http: 127.0.0.1:0, https: 127.0.0.1:0 }\nadmin: 127.0.0.1:0\n'
  writeFileSync(config, `${own}data: ${data}\n${more}\nroutes:\n${routes}`)
  const { child, output, link } = await launch(['run', config], { maxFileBytes })
  const found = JSON.parse(readFileSync(join(data, 'control.json'), 'utf8')) as {
    admin: string
    token: string
  }
  const api = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
    const headers = {
      authorization: `Bearer ${found.token}`,
      'content-type': 'application/json',
      'x-oriel-request': '1',
    }
    const response = await fetch(`${found.admin}${path}`, { ...init, headers })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    const text = await response.text()
    return (response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T
  }
  const { listeners } = await api<Status>('/api/v1/status')
  const portOf = (name: string) =>
    Number(/:(\d+)$/.exec(listeners.find(l => l.name === name)?.address ?? '')?.[1] ?? 0)
  return {
    child,
    http: portOf('http'),
    https: portOf('https'),
    admin: found.admin,
    link,
    config,
    data,
    output,
    api,
    stop: (signal = 'SIGTERM') => ended(child, signal),
  }
}

/** Starts a command and waits for the dashboard's link in its output. */
export function launch(
  args: string[],
  { cwd, maxFileBytes }: { cwd?: string; maxFileBytes?: number | undefined } = {},
): Promise<{ child: ChildProcess; output: () => string; link: string }> {
  const words = [process.execPath, binary, ...args]
  // The shell counts in blocks of 512 bytes; exec keeps one process, so that signals reach Oriel.
  if (maxFileBytes !== undefined) words.unshift('sh', '-c', `ulimit -f ${maxFileBytes / 512}; exec "$0" "$@"`)
  const child = spawn(words[0]!, words.slice(1), { stdio: ['ignore', 'pipe', 'pipe'], cwd })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let text = ''
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no link in time:\n${text}`)), 20_000)
    const hear = (chunk: Buffer): void => {
      text += chunk
      const link = /http:\/\/\S+\/login\?token=[\w-]+/.exec(text)
      if (link === null) return
      clearTimeout(timer)
      resolve({ child, output: () => text, link: link[0] })
    }
    child.stdout!.on('data', hear)
    child.stderr!.on('data', hear)
    child.once('exit', code => reject(new Error(`exited with ${code}:\n${text}`)))
  })
}

/** Runs a command to its end. */
export function command(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [binary, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  running.add(child)
  let text = ''
  child.stdout!.on('data', chunk => (text += chunk))
  child.stderr!.on('data', chunk => (text += chunk))
  return new Promise(resolve => {
    child.once('close', code => {
      running.delete(child)
      resolve({ code, text })
    })
  })
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null) return Promise.resolve(child.exitCode)
  return new Promise(resolve => {
    child.once('exit', code => resolve(code))
    child.kill(signal)
  })
}

/** Asks again and again until the answer satisfies; the way to wait for what has no event. */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfies: (value: T) => boolean,
  ms = 10_000,
): Promise<T> {
  const deadline = Date.now() + ms
  for (;;) {
    const value = await ask()
    if (satisfies(value)) return value
    if (Date.now() > deadline) throw new Error(`not in time; last: ${JSON.stringify(value).slice(0, 2000)}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
