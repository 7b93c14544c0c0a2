// Which event files go, and when a new one is begun: whole files by age and by bytes, oldest first.
import { readdirSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { DAY_MS, type DayFile, dayFilesOf, dayStart } from './day-file.ts'

export interface SizedFile extends DayFile {
  bytes: number
}

export interface RetentionPlan {
  /** Names, oldest first. */
  remove: string[]
  /** The current file has had its part of the budget: begin another, so that space can be freed in parts. */
  rotate: boolean
}

/** One file may take this part of the budget before the next is begun. */
const FILE_SHARE = 0.25

/** @param files oldest first; @param current the file that is being written: never removed */
export function planRetention(
  files: readonly SizedFile[],
  current: string,
  nowMs: number,
  limits: { maxAgeDays: number; maxBytes: number },
): RetentionPlan {
  const oldestMs = nowMs - limits.maxAgeDays * DAY_MS
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const remove: string[] = []
  for (const [i, file] of files.entries()) {
    const endMs = Math.min(files[i + 1]?.fromMs ?? Number.POSITIVE_INFINITY, dayStart(file.fromMs) + DAY_MS)
    if (file.name === current) continue
    if (endMs > oldestMs && bytes <= limits.maxBytes) continue
    remove.push(file.name)
    bytes -= file.bytes
  }
  const size = files.find(file => file.name === current)?.bytes ?? 0
  return { remove, rotate: size > limits.maxBytes * FILE_SHARE }
}

/** The event files of a directory with their logs' sizes, oldest first. */
export function sizedFiles(dir: string): SizedFile[] {
  return dayFilesOf(readdirSync(dir)).map(file => ({ ...file, bytes: bytesOf(join(dir, file.name)) }))
}

/** A database with its write-ahead log. */
export function bytesOf(file: string): number {
  const size = (name: string): number => statSync(name, { throwIfNoEntry: false })?.size ?? 0
  return size(file) + size(`${file}-wal`)
}

/** Frees the disk at once; a reader that still has the file open keeps reading it. */
export function removeEventFile(dir: string, name: string): void {
  for (const suffix of ['-shm', '-wal', '']) {
    const file = join(dir, name + suffix)
    if (statSync(file, { throwIfNoEntry: false })) unlinkSync(file)
  }
}
