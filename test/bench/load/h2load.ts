// Load by h2load over HTTP/2 and TLS, and what it counted.
import type { LoadResult } from './load-result.ts'
import { runTool, TLS } from './run-tool.ts'

interface H2loadOptions {
  url: string
  seconds: number
  connections: number
  /** At once on each connection. */
  streams: number
}

const unitMs: Record<string, number> = { us: 0.001, ms: 1, s: 1000 }

export function parseH2load(output: string): LoadResult {
  const finished = /finished in ([\d.]+)(us|ms|s),/.exec(output)
  const failed = /(\d+) failed/.exec(output)
  const statuses = /status codes: (\d+) 2xx, (\d+) 3xx/.exec(output)
  const traffic = /traffic: [^(]*\((\d+)\) total/.exec(output)
  const time = /time for request: +\S+ +\S+ +([\d.]+)(us|ms|s)/.exec(output)
  if (!finished || !failed || !statuses || !traffic)
    throw new Error(`h2load said: ${output.trim().slice(-300)}`)
  if (!output.includes('Application protocol: h2')) throw new Error('h2load: no HTTP/2 was agreed on')
  return {
    operations: Number(statuses[1]),
    seconds: (Number(finished[1]) * unitMs[finished[2]!]!) / 1000,
    bytes: Number(traffic[1]),
    // 4xx, 5xx and broken streams count as failed; what is under way at the end counts as nothing.
    errors: Number(failed[1]) + Number(statuses[2]),
    meanMs: time ? Number(time[1]) * unitMs[time[2]!]! : Number.NaN,
  }
}

export async function h2load({ url, seconds, connections, streams }: H2loadOptions): Promise<LoadResult> {
  const amount = [`-c${connections}`, `-m${streams}`, '-t1', `-D${seconds}`]
  return parseH2load(
    await runTool('h2load', [...amount, `--tls13-ciphers=${TLS.cipher}`, `--groups=${TLS.curve}`, url]),
  )
}
