// Rollup cells in memory: what tallies said, until it is on disk. Exact through a full disk, and bounded.
import type { TallyCell } from '../record.ts'
import { addCell, addTally, type Cell, cellKey, emptyCell } from './cell.ts'

export interface PendingCell {
  cell: Cell
  dirty: boolean
  /** The cell contains what its row on disk holds, and may replace it. */
  whole: boolean
}

export const BUCKET_S = 10
const MAX_CELLS = 20_000
/** A bucket stays open this long after its end, for tallies that come late. */
const OPEN_S = 30
/** What buckets become when there are too many, seconds. */
const COARSER_S = [60, 3600, 86_400]

export class PendingCells {
  readonly #cells = new Map<string, PendingCell>()
  readonly #maxCells: number

  constructor(maxCells = MAX_CELLS) {
    this.#maxCells = maxCells
  }

  get size(): number {
    return this.#cells.size
  }

  /** @param floorS seconds: earlier buckets are folded and closed, so the tally counts in this one */
  apply(cells: readonly TallyCell[], atMs: number, floorS: number): void {
    const ts = Math.max(Math.floor(atMs / 1000 / BUCKET_S) * BUCKET_S, floorS)
    for (const tally of cells) {
      const pending = this.#find(emptyCell({ ...tally, ts }))
      addTally(pending.cell, tally)
      pending.dirty = true
    }
    for (const widthS of COARSER_S) {
      if (this.#cells.size > this.#maxCells) this.#coarsen(widthS, floorS, ts)
    }
  }

  dirty(): PendingCell[] {
    return [...this.#cells.values()].filter(pending => pending.dirty)
  }

  /** After a commit: forgets the buckets that no tally will reach any more. */
  settle(nowMs: number): void {
    for (const [key, pending] of this.#cells) {
      if (!pending.dirty && pending.cell.ts + BUCKET_S + OPEN_S < nowMs / 1000) this.#cells.delete(key)
    }
  }

  #find(empty: Cell): PendingCell {
    const key = cellKey(empty)
    const known = this.#cells.get(key)
    if (known !== undefined) return known
    const made = { cell: empty, dirty: false, whole: false }
    this.#cells.set(key, made)
    return made
  }

  /**
   * The disk has refused for long: older buckets become wider ones. Sums stay, the time resolution goes. Cells
   * that contain their row on disk stay where that row is.
   */
  #coarsen(widthS: number, floorS: number, currentS: number): void {
    const old = [...this.#cells.values()]
    this.#cells.clear()
    const moves = ({ cell, whole }: PendingCell): boolean => !whole && cell.ts < currentS
    for (const pending of old) if (!moves(pending)) this.#cells.set(cellKey(pending.cell), pending)
    for (const { cell } of old.filter(moves)) {
      const ts = Math.max(floorS, Math.floor(cell.ts / widthS) * widthS)
      const target = this.#find(emptyCell({ ...cell, ts }))
      addCell(target.cell, cell)
      target.dirty = true
    }
  }
}
