// Load by wrk over HTTP/1.1 on kept-alive connections, and what it counted.

import type { LoadResult } from './load-result.ts'
import { runTool } from './run-tool.ts'

interface WrkOptions {
  url: string
  seconds: number
  connections: number
  /** A Lua file. */
  script?: string
}

const unitMs: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }
const unitBytes: Record<string, number> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 }

function durationMs(output: string, label: string): number {
  const match = new RegExp(`^\\s+${label}\\s+([\\d.]+)(us|ms|s|m)$`, 'm').exec(output)
  return match ? Number(match[1]) * unitMs[match[2]!]! : Number.NaN
}

export function parseWrk(output: string): LoadResult {
  const total = /(\d+) requests in ([\d.]+)(ms|s|m), ([\d.]+)(B|KB|MB|GB) read/.exec(output)
  if (total === null) throw new Error(`wrk said: ${output.trim()}`)
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const socket = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)
  const broken = socket ? socket.slice(1).reduce((sum, count) => sum + Number(count), 0) : 0
  return {
    operations: Number(total[1]),
    seconds: (Number(total[2]) * unitMs[total[3]!]!) / 1000,
    bytes: Number(total[4]) * unitBytes[total[5]!]!,
    errors: refused + broken,
    p50Ms: durationMs(output, '50%'),
    p99Ms: durationMs(output, '99%'),
  }
}

export async function wrk({ url, seconds, connections, script }: WrkOptions): Promise<LoadResult> {
  const lua = script === undefined ? [] : ['-s', script]
  return parseWrk(
    await runTool('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...lua, url]),
  )
}
