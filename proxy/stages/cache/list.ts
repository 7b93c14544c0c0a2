// What a worker holds in memory, for who wants to see it: a bounded look, since traffic waits meanwhile.
import { identOf } from './disk/ident.ts'
import type { ListedBy, ListedEntry, MemoryList, WantedEntries } from './disk/listed-entry.ts'
import type { Entry } from './entry.ts'
import { hostOf, urlOf } from './purge/purge.ts'
import type { CacheStore } from './store.ts'

/** The most recently used ones: one to three milliseconds. */
const MAX_LOOKED_AT = 2000

const ORDER: Record<Exclude<ListedBy, 'used'>, (entry: Entry) => number> = {
  saved: entry => entry.answers * entry.body.length,
  size: entry => entry.body.length,
  stored: entry => entry.gotMs,
}

export function listEntries(store: CacheStore, wanted: WantedEntries, nowMs: number): MemoryList {
  const found: { entry: Entry; names: readonly string[] }[] = []
  let looked = 0
  for (const one of store.list()) {
    if (looked++ === MAX_LOOKED_AT) break
    if (matches(one.entry, wanted)) found.push(one)
  }
  const { sort } = wanted
  // As they come they are in the order of use.
  if (sort !== 'used') found.sort((a, b) => ORDER[sort](b.entry) - ORDER[sort](a.entry))
  const rows = found.slice(0, wanted.limit).map(({ entry, names }) => rowOf(entry, names, nowMs))
  return { rows, total: looked > MAX_LOOKED_AT ? null : found.length }
}

function matches({ primary, tags }: Entry, { host, prefix, tag }: WantedEntries): boolean {
  if (host !== '' && hostOf(primary) !== host.toLowerCase()) return false
  return (prefix === '' || urlOf(primary).startsWith(prefix)) && (tag === '' || tags.includes(tag))
}

function rowOf(entry: Entry, names: readonly string[], nowMs: number): ListedEntry {
  const url = urlOf(entry.primary)
  return {
    id: entry.ident || identOf(entry.primary, entry.suffix),
    url,
    keyRest: entry.primary.slice(url.length).trim(),
    vary: [...names],
    variant: entry.suffix.trim().replaceAll('\n', ' · ').replaceAll('\0', '–'),
    host: hostOf(entry.primary),
    route: entry.route,
    status: entry.status,
    bytes: entry.body.length,
    storedAt: entry.gotMs,
    usedAt: entry.usedMs || entry.gotMs,
    ageS: entry.ageS(nowMs),
    ttlS: entry.ttlS(nowMs),
    hits: entry.answers,
    savedBytes: entry.answers * entry.body.length,
    tags: [...entry.tags],
    copies: 1,
  }
}
