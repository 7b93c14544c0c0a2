// What the workers hold in memory as one list: what several of them hold is one row.
import type {
  ListedBy,
  ListedEntry,
  MemoryList,
  WantedEntries,
} from '../proxy/stages/cache/disk/listed-entry.ts'
import type { CacheEntryPage } from './admin/contract-cache.ts'

const ORDER: Record<ListedBy, (row: ListedEntry) => number> = {
  used: row => row.usedAt,
  saved: row => row.savedBytes,
  size: row => row.bytes,
  stored: row => row.storedAt,
}

/** @param lists null: that worker did not say in time */
export function cacheList(
  lists: readonly (MemoryList | null)[],
  { sort, limit }: WantedEntries,
): CacheEntryPage {
  const rows = new Map<number, ListedEntry>()
  let whole = true
  for (const list of lists) {
    // More than it was asked to show, or to look at: then nobody knows how many are the same.
    if (list === null || list.total === null || list.total > list.rows.length) whole = false
    for (const row of list?.rows ?? []) rows.set(row.id, together(row, rows.get(row.id)))
  }
  const order = ORDER[sort]
  const sorted = [...rows.values()].sort((a, b) => order(b) - order(a))
  return { rows: sorted.slice(0, limit), next: null, total: whole ? sorted.length : null, listed: true }
}

/** The newer one stands for both. */
function together(row: ListedEntry, other: ListedEntry | undefined): ListedEntry {
  if (other === undefined) return row
  return {
    ...(row.storedAt >= other.storedAt ? row : other),
    usedAt: Math.max(row.usedAt, other.usedAt),
    hits: row.hits + other.hits,
    savedBytes: row.savedBytes + other.savedBytes,
    copies: row.copies + other.copies,
  }
}
