// What crosses between the control process and the thread that keeps the disk tier.
import type { Purge } from '../purge/purge.ts'
import type { DiskHealth } from './disk-health.ts'
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

export type ToThread = { type: 'purge'; id: number; epoch: number; purge: Purge } | { type: 'close' }

export type FromThread =
  | { type: 'health'; health: DiskHealth }
  /** A sentence for the log and the timeline. */
  | { type: 'event'; text: string }
  | { type: 'purged'; id: number; purged: PurgedOnDisk }
