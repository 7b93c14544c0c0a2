// rollup.db: pending cells go to the 10 s tier each second; minutes that are over fold into the 1 min and 1 h tiers.
import { addCell, type Cell, cellKey, emptyCell } from './cell.ts'
import { CellTable, type Tier } from './cell-table.ts'
import { Dictionary } from './dictionary.ts'
import type { Driver } from './driver.ts'
import type { PendingCells } from './pending-cells.ts'

/** A minute is folded this long after its end: no tally is that late. */
const FOLD_AFTER_S = 60
/** How long each tier is kept, seconds. */
export const TIER_KEEP_S = { 10: 6 * 3600, 60: 30 * 86_400, 3600: 400 * 86_400 } as const
/** How often the file says that Oriel is alive. */
const ALIVE_EVERY_MS = 10_000

type StateKey = 'folded_until' | 'alive_ms' | 'clean'

/**
 * `folded_until` (seconds) divides the tiers: below it the 1 min and 1 h tiers are complete, from it on only the
 * 10 s tier counts. It moves in the transaction that folds, so every request is in each tier once.
 */
export class Rollup {
  readonly #db: Driver
  readonly #dict: Dictionary
  readonly #table: CellTable
  #foldedUntilS: number
  #aliveMs = 0

  constructor(db: Driver) {
    this.#db = db
    this.#dict = new Dictionary(db)
    this.#table = new CellTable(db, this.#dict)
    this.#foldedUntilS = this.state('folded_until') ?? 0
  }

  /** Tallies for earlier buckets count in this one. */
  get foldedUntilS(): number {
    return this.#foldedUntilS
  }

  state(key: StateKey): number | undefined {
    return this.#db.all<{ value: number }>('SELECT value FROM state WHERE key = ?', key)[0]?.value
  }

  setState(key: StateKey, value: number): void {
    this.#db.run(
      'INSERT INTO state VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      key,
      value,
    )
  }

  /** Writes what changed, in one transaction. @throws SqliteError; then nothing is lost: the cells stay pending */
  flush(pending: PendingCells, nowMs: number): void {
    const dirty = pending.dirty()
    const alive = nowMs - this.#aliveMs >= ALIVE_EVERY_MS
    if (dirty.length > 0 || alive) {
      const written = this.#atomic(() => {
        if (alive) this.setState('alive_ms', nowMs)
        return dirty.map(({ cell, whole }) => this.#writeMerged(10, cell, whole))
      })
      if (alive) this.#aliveMs = nowMs
      for (let i = 0; i < dirty.length; i++) {
        const entry = dirty[i]!
        entry.cell = written[i]!
        entry.whole = true
        entry.dirty = false
      }
    }
    pending.settle(nowMs)
  }

  /** Folds the minutes that are over. Call after a flush. @throws SqliteError */
  fold(nowMs: number): void {
    const untilS = Math.floor((nowMs / 1000 - FOLD_AFTER_S) / 60) * 60
    if (untilS <= this.#foldedUntilS) return
    for (const minuteS of this.#minutes(this.#foldedUntilS, untilS)) {
      this.#atomic(() => {
        this.#foldMinute(minuteS)
        this.setState('folded_until', minuteS + 60)
      })
      this.#foldedUntilS = minuteS + 60
    }
    this.setState('folded_until', untilS)
    this.#foldedUntilS = untilS
  }

  /** Removes what is older than its tier keeps; pages are given back a few at a time. @throws SqliteError */
  retain(nowMs: number): void {
    for (const tier of [10, 60, 3600] as const) {
      const beforeS = Math.min(nowMs / 1000 - TIER_KEEP_S[tier], this.#foldedUntilS)
      this.#db.run('DELETE FROM cell WHERE tier = ? AND ts < ?', tier, Math.floor(beforeS))
    }
    this.#db.run('PRAGMA incremental_vacuum(200)')
  }

  close(): void {
    try {
      this.#db.run('PRAGMA optimize')
      this.#db.run('PRAGMA wal_checkpoint(TRUNCATE)')
    } finally {
      this.#db.close()
    }
  }

  #minutes(fromS: number, untilS: number): number[] {
    const sql =
      'SELECT DISTINCT ts / 60 * 60 AS minute FROM cell WHERE tier = 10 AND ts >= ? AND ts < ? ORDER BY 1'
    return this.#db.all<{ minute: number }>(sql, fromS, untilS).map(row => row.minute)
  }

  #foldMinute(minuteS: number): void {
    const minute = new Map<string, Cell>()
    this.#table.each(10, Math.max(minuteS, this.#foldedUntilS), minuteS + 60, cell => {
      const key = { ...cell, ts: minuteS }
      const into = minute.get(cellKey(key)) ?? emptyCell(key)
      addCell(into, cell)
      minute.set(cellKey(key), into)
    })
    for (const cell of minute.values()) {
      this.#writeMerged(60, cell, false)
      this.#writeMerged(3600, { ...cell, ts: Math.floor(minuteS / 3600) * 3600 }, false)
    }
  }

  /** @param whole the cell already contains its row on disk; @returns what the row holds now */
  #writeMerged(tier: Tier, cell: Cell, whole: boolean): Cell {
    const stored = whole ? undefined : this.#table.read(tier, cell)
    if (stored === undefined) {
      this.#table.write(tier, cell)
      return cell
    }
    addCell(stored, cell)
    this.#table.write(tier, stored)
    return stored
  }

  #atomic<T>(work: () => T): T {
    try {
      return this.#db.transaction(work)
    } catch (error) {
      this.#dict.forget()
      throw error
    }
  }
}
