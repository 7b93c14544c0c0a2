// One round of load: wrk over HTTP/1.1 keep-alive connections on loopback, and what it counted.
import { spawn } from 'node:child_process'

export interface LoadOptions {
  url: string
  seconds: number
  connections: number
}

export interface LoadResult {
  requests: number
  seconds: number
  /** Non-2xx answers and socket errors. */
  errors: number
  p50Ms: number
  p99Ms: number
}

const unitMs: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }

function durationMs(output: string, label: string): number {
  const match = new RegExp(`^\\s+${label}\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(output)
  return match ? Number(match[1]) * unitMs[match[2]!]! : Number.NaN
}

function parseWrk(output: string): LoadResult {
  const total = /(\d+) requests in ([\d.]+)(ms|s|m),/.exec(output)
  if (total === null) throw new Error(`wrk said: ${output.trim()}`)
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)
  const broken = socket ? socket.slice(1).reduce((sum, count) => sum + Number(count), 0) : 0
  return {
    requests: Number(total[1]),
    seconds: (Number(total[2]) * unitMs[total[3]!]!) / 1000,
    errors: refused + broken,
    p50Ms: durationMs(output, '50%'),
    p99Ms: durationMs(output, '99%'),
  }
}

export function runLoad({ url, seconds, connections }: LoadOptions): Promise<LoadResult> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', url]
  return new Promise((resolve, reject) => {
    let output = ''
    const child = spawn('wrk', args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.on('data', part => (output += part))
    child.stderr.on('data', part => (output += part))
    child.once('error', reject)
    child.once('close', () => {
      try {
        resolve(parseWrk(output))
      } catch (error) {
        reject(error)
      }
    })
  })
}
