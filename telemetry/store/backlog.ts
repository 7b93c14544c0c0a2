// What is on its way to the store thread: bounded for rows, which are dropped and counted, merged for tallies.
import type { TimelineEvent } from '../../control/admin/contract.ts'
import { countTuples } from '../count-tuples.ts'
import { mergeTallies } from './merge-tallies.ts'

/** Text of raw records on its way. */
const MAX_ROW_CHARS = 32 * 1024 * 1024
/** Tally payloads that the thread has not taken; more are merged, by the minute and then by the hour. */
const MAX_TALLIES = 512
const MERGE_MS = [60_000, 3600_000]
/** Dropping is over when nothing was dropped for so long. */
const CALM_MS = 2000

export interface PendingTally {
  sequence: number
  json: string
}

export class Backlog {
  /** Rows dropped since start, here or by the thread. */
  droppedRows = 0
  #frames: number[] = []
  #chars = 0
  #tallies: PendingTally[] = []
  #sequence = 0
  #behind: { sinceMs: number; lastMs: number; rows: number } | null = null

  /** Record frames on their way. */
  get length(): number {
    return this.#frames.length
  }

  get tallies(): readonly PendingTally[] {
    return this.#tallies
  }

  /** Rows have been dropped in the last seconds because the thread is behind. */
  get isBehind(): boolean {
    return this.#behind !== null
  }

  /** @param open whether there is a thread to send to; @returns false: dropped and counted */
  takeRecords(json: string, open: boolean, nowMs: number): boolean {
    if (open && this.#chars + json.length <= MAX_ROW_CHARS) {
      this.#frames.push(json.length)
      this.#chars += json.length
      return true
    }
    const rows = countTuples(json)
    this.droppedRows += rows
    this.#behind ??= { sinceMs: nowMs, lastMs: nowMs, rows: 0 }
    this.#behind.lastMs = nowMs
    this.#behind.rows += rows
    return false
  }

  takeTally(json: string): PendingTally {
    if (this.#tallies.length >= MAX_TALLIES) this.#mergeTallies()
    const tally = { sequence: ++this.#sequence, json }
    this.#tallies.push(tally)
    return tally
  }

  /** The oldest frame is done with. */
  recordsDone(droppedRows: number): void {
    this.#chars -= this.#frames.shift() ?? 0
    this.droppedRows += droppedRows
  }

  tallied(sequence: number): void {
    this.#tallies = this.#tallies.filter(tally => tally.sequence > sequence)
  }

  /** The thread is gone with the frames it had. */
  threadGone(): void {
    this.#frames = []
    this.#chars = 0
  }

  /** @returns the gap, once, when dropping is over */
  settled(nowMs: number): TimelineEvent | null {
    const behind = this.#behind
    if (behind === null || nowMs - behind.lastMs < CALM_MS) return null
    this.#behind = null
    const text = `${behind.rows} rows were not stored: they came faster than they could be written. Figures are complete.`
    return { at: behind.sinceMs, kind: 'telemetry', text, until: behind.lastMs }
  }

  /**
   * Those merged get the numbers they would have had last, so an acknowledgement under way for one of them
   * leaves the others. Only a thread that takes nothing lets so many gather.
   */
  #mergeTallies(): void {
    for (const widthMs of MERGE_MS) {
      if (this.#tallies.length < MAX_TALLIES) return
      const payloads = mergeTallies(
        this.#tallies.map(tally => tally.json),
        widthMs,
      )
      this.#tallies = payloads.map(json => ({ sequence: ++this.#sequence, json }))
    }
  }
}
