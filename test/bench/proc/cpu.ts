// CPU time of processes with all their threads, from Linux /proc, in nanoseconds.
import { readdirSync, readFileSync } from 'node:fs'

/** Nanoseconds used so far, by `pid/thread`. */
export type CpuTimes = ReadonlyMap<string, number>

function readOr(file: string, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return otherwise
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** schedstat counts real nanoseconds, where /proc/PID/stat has ticks of 10 ms; it is per thread. */
export function cpuTimes(pids: readonly number[]): CpuTimes {
  const times = new Map<string, number>()
  for (const pid of pids) {
    for (const task of entries(`/proc/${pid}/task`)) {
      const used = readOr(`/proc/${pid}/task/${task}/schedstat`, '0').split(' ')[0]
      times.set(`${pid}/${task}`, Number(used))
    }
  }
  return times
}

/** A thread that began in between counts whole; of one that ended, what it used in between is lost. */
export function cpuBetweenNs(before: CpuTimes, after: CpuTimes): number {
  let sum = 0
  for (const [thread, used] of after) sum += used - (before.get(thread) ?? 0)
  return sum
}

/** Nanoseconds for which a process's first thread could have run and did not. */
export function waitedNs(pid: number): number {
  return Number(readOr(`/proc/${pid}/schedstat`, '0 0').split(' ')[1])
}

/** The process itself first, then all below it. */
export function processTree(pid: number): number[] {
  const children = entries(`/proc/${pid}/task`).flatMap(task =>
    readOr(`/proc/${pid}/task/${task}/children`, '').split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap(processTree)]
}

export function commandLine(pid: number): string {
  return readOr(`/proc/${pid}/cmdline`, '').replaceAll('\0', ' ').trim()
}
