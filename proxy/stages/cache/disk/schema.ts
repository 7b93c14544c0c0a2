// The tables of data/cache.db: what is needed to find, judge and list an entry lies apart from heads and bodies.

/** A file of a newer one is set aside. */
export const VERSION = 1

/** Before the first table. Bodies of a few kilobytes fit one page of this size. */
export const LAYOUT = ['PRAGMA page_size = 16384'] as const

/** NORMAL may lose the last transactions at a power cut and never corrupts. */
export const PRAGMAS = [
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = NORMAL',
  'PRAGMA temp_store = MEMORY',
  'PRAGMA foreign_keys = OFF',
  'PRAGMA cache_size = -16000',
  'PRAGMA wal_autocheckpoint = 1000',
  'PRAGMA journal_size_limit = 33554432',
] as const

/**
 * `ident` is the number of key and variant, `resource` that of the key alone; both are checked against the
 * texts. `url` and `rest` make the key. `rank` orders eviction. `space` is the namespace: entries of an
 * older one are gone, whoever has not yet cleared them away.
 */
export const TABLES = [
  `CREATE TABLE entry (
    id INTEGER PRIMARY KEY, ident INTEGER NOT NULL UNIQUE, resource INTEGER NOT NULL,
    url TEXT NOT NULL, rest TEXT NOT NULL, suffix TEXT NOT NULL, names TEXT NOT NULL, host TEXT NOT NULL,
    route TEXT NOT NULL, status INTEGER NOT NULL, bytes INTEGER NOT NULL, stored_ms REAL NOT NULL,
    born_ms REAL NOT NULL, lifetime_s REAL NOT NULL, grace_s REAL NOT NULL, used_ms REAL NOT NULL,
    rank REAL NOT NULL, hits INTEGER NOT NULL, tags TEXT NOT NULL, space INTEGER NOT NULL) STRICT`,
  'CREATE INDEX entry_resource ON entry (resource)',
  'CREATE INDEX entry_url ON entry (url)',
  'CREATE INDEX entry_host ON entry (host)',
  'CREATE INDEX entry_rank ON entry (rank)',
  `CREATE TABLE stored (
    id INTEGER PRIMARY KEY, head TEXT NOT NULL, freshness TEXT NOT NULL, digest BLOB NOT NULL,
    body BLOB NOT NULL) STRICT`,
  'CREATE TABLE tag (tag TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (tag, id)) STRICT, WITHOUT ROWID',
  'CREATE TABLE state (key TEXT PRIMARY KEY, value REAL NOT NULL) STRICT, WITHOUT ROWID',
] as const
