// How the disk tier is: what its thread tells the control process, and the admin API its clients.

/** Counted since its thread began. */
export interface DiskHealth {
  /** '' when it works, else a sentence: why it is off. */
  down: string
  entries: number
  bytes: number
  budgetBytes: number
  hits: number
  misses: number
  stored: number
  evictions: number
  /** Damaged entries, which were treated as misses. */
  torn: number
}
