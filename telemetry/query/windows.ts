// Cuts a time range into windows of row ids, newest first, sized so that each takes a moment to read.
import { type DayFile, IDS_PER_MS } from '../store/day-file.ts'
import type { Driver } from '../store/driver.ts'
import type { Reader } from './reader.ts'

export interface Window {
  db: Driver
  /** Ids from `low` to below `high`. */
  low: number
  high: number
}

const FIRST_MS = 60_000
const QUICK_MS = 20
const SLOW_MS = 100

/**
 * SQLite cannot be interrupted, so a long scan is many short ones: the consumer looks at its deadline between
 * two. The time it takes with one window decides the size of the next.
 * @param beforeId only ids below it
 */
export function* windows(
  reader: Reader,
  range: { from: number; to: number },
  beforeId = Number.MAX_SAFE_INTEGER,
): Generator<Window> {
  const lowest = Math.floor(range.from) * IDS_PER_MS
  let high = Math.min(Math.ceil(range.to) * IDS_PER_MS, beforeId)
  let span = FIRST_MS * IDS_PER_MS
  for (const file of reader.files().reverse()) {
    if (high <= lowest) return
    const first = file.fromMs * IDS_PER_MS
    if (first >= high) continue
    const db = reader.events(file.name)
    if (db === null) continue
    high = Math.min(high, newestId(db) + 1)
    while (high > Math.max(first, lowest)) {
      const low = Math.max(first, lowest, high - span)
      const startedMs = performance.now()
      yield { db, low, high }
      const tookMs = performance.now() - startedMs
      if (tookMs < QUICK_MS) span *= 4
      else if (tookMs > SLOW_MS) span = Math.max(IDS_PER_MS, Math.floor(span / 4))
      high = low
    }
  }
}

function newestId(db: Driver): number {
  return db.all<{ id: number | null }>('SELECT max(id) AS id FROM exchange')[0]?.id ?? 0
}

/** The files in which a row that began then can lie: its own, and at the beginning of every later one. */
export function filesFrom(files: readonly DayFile[], startedMs: number): DayFile[] {
  const own = files.findLastIndex(file => file.fromMs <= startedMs)
  return files.slice(Math.max(0, own))
}
