// Between an entry in memory and its form on disk.
import { Headers } from '../../lib/headers.ts'
import type { StoredHead } from './disk/frames.ts'
import type { FoundOnDisk } from './disk/tier.ts'
import { Entry } from './entry.ts'
import type { Freshness } from './storable.ts'

/** What is of use for less is gone before it is wanted again after a restart. */
const MIN_USEFUL_S = 2

export function isWorthKeeping(entry: Entry): boolean {
  if (entry.noCache) return true
  return entry.lifetimeS - (entry.gotMs - entry.bornMs) / 1000 + usableStaleS(entry) >= MIN_USEFUL_S
}

export function toDisk(entry: Entry, names: readonly string[]): StoredHead {
  return {
    primary: entry.primary,
    suffix: entry.suffix,
    names: [...names],
    status: entry.status,
    head: [...entry.head.flat, ...entry.withheld],
    freshness: JSON.stringify(entry.freshness),
    storedMs: entry.gotMs,
    bornMs: entry.bornMs,
    lifetimeS: entry.lifetimeS,
    graceS: usableStaleS(entry),
    tags: entry.tags,
    route: entry.route,
  }
}

/** Undefined for what a file says that we would not have written. */
export function fromDisk({ stored, body }: FoundOnDisk): Entry | undefined {
  const freshness = JSON.parse(stored.freshness) as Freshness
  if (typeof freshness.lifetimeS !== 'number' || typeof freshness.bornMs !== 'number') return undefined
  const { status, head, lifetimeS, storedMs } = stored
  const entry = new Entry(status, new Headers(head), body, { ...freshness, lifetimeS }, storedMs)
  entry.route = stored.route
  entry.tags = stored.tags
  return entry
}

function usableStaleS(entry: Entry): number {
  const { staleWhileRevalidateS, staleIfErrorS, graceS, graceOnErrorS } = entry
  return Math.max(0, staleWhileRevalidateS, staleIfErrorS, graceS, graceOnErrorS)
}
