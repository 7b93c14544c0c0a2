// CPU time that a process, or a process with all its descendants, has used; from Linux /proc, in nanoseconds.
import { readdirSync, readFileSync } from 'node:fs'

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
export function cpuNs(pid: number): number {
  const tasks = entries(`/proc/${pid}/task`)
  return tasks.reduce(
    (sum, task) => sum + Number(readOr(`/proc/${pid}/task/${task}/schedstat`, '0').split(' ')[0]),
    0,
  )
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
