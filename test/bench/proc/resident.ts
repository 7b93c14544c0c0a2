// Memory of processes, from Linux /proc, in KB: RSS counts a shared page in each process, the rest once for all.
import { readFileSync } from 'node:fs'

export interface Resident {
  rssKb: number
  /** All but pages of files: those count for less while any other process runs the same program. */
  anonymousKb: number
}

/** A process that ended in between counts nothing. */
function rollup(pid: number): Resident {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    const kb = (key: string) => Number(new RegExp(`^${key}: +(\\d+)`, 'm').exec(text)?.[1] ?? 0)
    return { rssKb: kb('Rss'), anonymousKb: kb('Pss_Anon') }
  } catch {
    return { rssKb: 0, anonymousKb: 0 }
  }
}

export function resident(pids: readonly number[]): Resident {
  const all = pids.map(rollup)
  return {
    rssKb: all.reduce((sum, one) => sum + one.rssKb, 0),
    anonymousKb: all.reduce((sum, one) => sum + one.anonymousKb, 0),
  }
}

/** RSS alone: cheap enough to be sampled often. */
export function rssKb(pids: readonly number[]): number {
  let sum = 0
  for (const pid of pids) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      sum += Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
    } catch {
      // It ended.
    }
  }
  return sum
}
