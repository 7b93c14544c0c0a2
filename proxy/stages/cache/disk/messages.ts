// What crosses between the control process and the thread that keeps the disk tier.
import type { Purge } from '../purge/purge.ts'
import type { PurgedOnDisk } from './purge-shelf.ts'

export interface KeeperSettings {
  /** data/cache.db */
  file: string
  /** Where workers connect; its directory is for the owner alone. */
  socket: string
  budgetBytes: number
  /** How long after a fault of the disk it is tried again. */
  retryMs: number
  /** The last purge before it began. */
  epoch: number
}

/** How the disk tier is, counted since its thread began. */
export interface DiskHealth {
  /** '' when it works, else a sentence. */
  down: string
  entries: number
  bytes: number
  budgetBytes: number
  hits: number
  misses: number
  stored: number
  evictions: number
  /** Bodies that were damaged, and treated as misses. */
  torn: number
}

export type ToThread = { type: 'purge'; id: number; epoch: number; purge: Purge } | { type: 'close' }

export type FromThread =
  | { type: 'health'; health: DiskHealth }
  /** A sentence for the log and the timeline. */
  | { type: 'event'; text: string }
  | { type: 'purged'; id: number; purged: PurgedOnDisk }
