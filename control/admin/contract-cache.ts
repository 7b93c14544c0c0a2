// The admin API's types: what the cache holds, what is purged from it, and what keeps answers out of it.
import type { DiskHealth } from '../../proxy/stages/cache/disk/disk-health.ts'
import type { ListedBy, ListedEntry } from '../../proxy/stages/cache/disk/listed-entry.ts'
import type { PurgeWords } from '../../proxy/stages/cache/purge/purge-words.ts'
import type { Scope } from './contract.ts'

/** The disk tier. */
export type CacheDisk = DiskHealth

/** POST /api/v1/cache/purge */
export type PurgeRequest = PurgeWords

export interface PurgeOutcome {
  /** Stored responses that were meant, each counted once; of a purge of everything at least so many. */
  entries: number
  /** Copies in the workers' memory. */
  memory: number
  disk: number
  /** Workers that have carried it out. */
  workers: number
  /** Workers that did not answer in time. */
  silent: number
  tookMs: number
  dryRun: boolean
}

/** POST /api/v1/cache/secret: lets an application sign its own purges, and nothing else. */
export interface PurgeSecret {
  secret: string
}

/** One stored response. */
export type CacheEntry = ListedEntry

export type CacheSort = ListedBy

/** GET /api/v1/cache/entries?tier=&host=&prefix=&tag=&sort=&after=&limit= */
export interface CacheEntryPage {
  rows: CacheEntry[]
  /** Pass as `after` for the next page; null at the end. */
  next: string | null
  /** Of all that match; null where that would take too long to count. */
  total: number | null
  /** False: there is no cache on disk, so that nothing can be listed. */
  listed: boolean
}

/** What a cache did, or would have done, for one route. */
export interface CacheAdvice {
  route: string
  requests: number
  outBytes: number
  /** Answered from the cache. */
  cached: number
  cachedBytes: number
  /** GET and HEAD that went on to an upstream and succeeded: so many could have been answered here at most. */
  missed: number
  missedBytes: number
  /** What kept most of them out, as a reason's word (`reflected:` with the header); '' when nothing is known. */
  reason: string
  /** Of the missed ones whose reason is known, 0 to 1. */
  reasonShare: number | null
  sentence: string
  /** What to do about it. */
  hint: string
}

/** GET /api/v1/cache/advice */
export interface CacheAdvicePage {
  scope: Scope
  routes: CacheAdvice[]
  /** Rows whose reasons were looked at; the newest when there are more. */
  rows: number
}
