// What crosses between the control process and the store thread.
import type { TimelineEvent } from '../../control/admin/contract.ts'

/** What the thread is started with. */
export interface StoreSettings {
  dataDir: string
  /** Whole event files older than this go. */
  maxAgeDays: number
  /** Event files together; the oldest go first. */
  maxBytes: number
  /** Kept free on the disk so that a full one can still be tidied. 0: none. */
  ballastBytes: number
  /** How long after a failure the writer tries again. */
  retryMs: number
  /** Unix milliseconds: a sign of life after it is this process's own. */
  processStartedMs: number
}

export type ToStore =
  | { type: 'records'; json: string }
  | { type: 'tally'; sequence: number; json: string }
  | { type: 'event'; event: TimelineEvent }
  | { type: 'flush'; id: number }
  | { type: 'close' }

export type FromStore =
  /** The databases are open. */
  | { type: 'ready' }
  /** A records frame is done with: written, or dropped and counted. */
  | { type: 'recordsDone'; droppedRows: number }
  /** Tallies up to this sequence are the thread's own responsibility. */
  | { type: 'tallied'; sequence: number }
  /** '' when all is well. */
  | { type: 'degraded'; reason: string }
  | { type: 'event'; event: TimelineEvent }
  | { type: 'flushed'; id: number }
