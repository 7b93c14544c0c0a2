// One stored response as it is listed, from disk or from memory; and which of them are asked for.

export interface ListedEntry {
  /** The number of its key on one tier. */
  id: number
  url: string
  /** What else is part of its key, '' for nothing. */
  keyRest: string
  /** Request fields that tell its variants apart. */
  vary: string[]
  /** This variant's values of them. */
  variant: string
  host: string
  route: string
  status: number
  bytes: number
  /** Unix milliseconds, as `usedAt`. */
  storedAt: number
  usedAt: number
  ageS: number
  /** Negative once it is stale. */
  ttlS: number
  hits: number
  savedBytes: number
  tags: string[]
  /** Workers that hold it in memory; 0: it was read from disk, and nobody was asked. */
  copies: number
}

export type ListedBy = 'saved' | 'used' | 'size' | 'stored'

/** '' for all. */
export interface WantedEntries {
  host: string
  prefix: string
  tag: string
  sort: ListedBy
  limit: number
}

/** What one worker's memory has of them. */
export interface MemoryList {
  rows: ListedEntry[]
  /** All that match; null: there are more than were looked at. */
  total: number | null
}
