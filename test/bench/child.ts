// Starts the programs of a benchmark, waits until they serve, and ends exactly those again.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { MAX_CONNECTIONS, type Plan } from './target.ts'

export interface Child {
  pid: number
  stop(): Promise<void>
}

const readyWithinMs = 15_000
const stopWithinMs = 5000
const keptOutputBytes = 2000

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    const done = (ok: boolean) => {
      socket.destroy()
      resolve(ok)
    }
    socket.once('connect', () => done(true)).once('error', () => done(false))
  })
}

/** The line of the output that names the error, else the last one. */
function explanation(output: string): string {
  const lines = output.trim().split('\n')
  return (lines.find(line => /error/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 300)
}

export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await exited
  clearTimeout(timer)
}

/** HAProxy wants two files for each connection. Where the limit may not be raised, it stays as it is. */
const raiseFileLimit = `ulimit -n ${3 * MAX_CONNECTIONS} 2>/dev/null || ulimit -n "$(ulimit -Hn)"; exec "$@"`

/**
 * Rejects with the end of what the program said when it exits or does not serve in time.
 * @param ports all that it must answer on
 * @param outputFile takes its stdout
 */
export async function startChild(
  { command, env }: Plan,
  ports: number[],
  outputFile: string,
): Promise<Child> {
  let output = ''
  const stdout = openSync(outputFile, 'w')
  const child = spawn('/bin/sh', ['-c', raiseFileLimit, 'sh', ...command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', stdout, 'pipe'],
  })
  closeSync(stdout)
  child.stderr!.on('data', part => (output = (output + part).slice(-keptOutputBytes)))
  let ended = false
  child.once('exit', () => (ended = true))
  child.once('error', error => {
    output += error.message
    ended = true
  })
  const deadlineMs = performance.now() + readyWithinMs
  for (const port of ports) {
    while (!(await answers(port))) {
      if (ended || performance.now() > deadlineMs) {
        if (!ended) await stopChild(child)
        throw new Error(
          explanation(output) || explanation(readFileSync(outputFile, 'utf8')) || `no answer on port ${port}`,
        )
      }
      await delay(50)
    }
  }
  return { pid: child.pid!, stop: () => stopChild(child) }
}
