// The tables of the three kinds of database, each with its own version in `user_version`.

export interface Schema {
  name: 'meta' | 'rollup' | 'events'
  version: number
  /** Set on every connection of the writer. */
  pragmas: readonly string[]
  /** Before the first table: decides the layout of the file. */
  layout: readonly string[]
  tables: readonly string[]
}

/** NORMAL may lose the last transactions at a power cut and never corrupts; meta.db is small and uses FULL. */
const pragmas = (synchronous: 'NORMAL' | 'FULL', cacheKb: number): string[] => [
  'PRAGMA journal_mode = WAL',
  `PRAGMA synchronous = ${synchronous}`,
  'PRAGMA temp_store = MEMORY',
  'PRAGMA foreign_keys = OFF',
  `PRAGMA cache_size = -${cacheKb}`,
  'PRAGMA wal_autocheckpoint = 1000',
  'PRAGMA journal_size_limit = 67108864',
]

/** Every short text once; id 0 is the empty one, so that `error != 0` means failed. */
const DICTIONARY = [
  'CREATE TABLE dict (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT',
  "INSERT INTO dict (id, text) VALUES (0, '')",
]

/** `until` is set for gaps: what happened from `at` to there is not recorded in full. */
export const META: Schema = {
  name: 'meta',
  version: 1,
  pragmas: pragmas('FULL', 500),
  layout: [],
  tables: [
    `CREATE TABLE event (
      id INTEGER PRIMARY KEY, at REAL NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, until REAL) STRICT`,
    'CREATE INDEX event_at ON event (at)',
  ],
}

/**
 * `tier` and `ts` in seconds (10, 60, 3600). Names are dictionary ids; `kind` 0 is the client's view, 1 an
 * attempt at an upstream. Clustered by time: a range is one walk.
 */
export const ROLLUP: Schema = {
  name: 'rollup',
  version: 1,
  pragmas: pragmas('NORMAL', 2000),
  layout: ['PRAGMA auto_vacuum = INCREMENTAL'],
  tables: [
    ...DICTIONARY,
    `CREATE TABLE cell (
      tier INTEGER NOT NULL, ts INTEGER NOT NULL, kind INTEGER NOT NULL, route INTEGER NOT NULL,
      upstream INTEGER NOT NULL, method INTEGER NOT NULL, status INTEGER NOT NULL, cache INTEGER NOT NULL,
      error INTEGER NOT NULL, count INTEGER NOT NULL, sum_us REAL NOT NULL, min_us REAL NOT NULL,
      max_us REAL NOT NULL, in_bytes INTEGER NOT NULL, out_bytes INTEGER NOT NULL, hist BLOB NOT NULL,
      exemplar BLOB,
      PRIMARY KEY (tier, ts, kind, route, upstream, method, status, cache, error)) STRICT, WITHOUT ROWID`,
    'CREATE TABLE state (key TEXT PRIMARY KEY, value REAL NOT NULL) STRICT, WITHOUT ROWID',
  ],
}

/** Rows slower than this have an index. */
export const SLOW_US = 250_000

/**
 * One UTC day. `id` is Unix ms × 4096 + sequence: time-ordered, so a time range needs no index. What only the
 * detail page reads lies apart, so that the list's scans stay narrow.
 */
export const EVENTS: Schema = {
  name: 'events',
  version: 1,
  pragmas: pragmas('NORMAL', 4000),
  layout: [],
  tables: [
    ...DICTIONARY,
    `CREATE TABLE exchange (
      id INTEGER PRIMARY KEY, started_ms REAL NOT NULL, duration_us INTEGER NOT NULL, trace BLOB NOT NULL,
      span BLOB NOT NULL, route INTEGER NOT NULL, host INTEGER NOT NULL, method INTEGER NOT NULL,
      scheme INTEGER NOT NULL, protocol INTEGER NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
      status INTEGER NOT NULL, client INTEGER NOT NULL, user_agent INTEGER NOT NULL, in_bytes INTEGER NOT NULL,
      out_bytes INTEGER NOT NULL, error INTEGER NOT NULL, upstream INTEGER NOT NULL, cache INTEGER NOT NULL,
      answered_by INTEGER NOT NULL, attempts INTEGER NOT NULL, aborted INTEGER NOT NULL,
      weight REAL NOT NULL) STRICT`,
    'CREATE TABLE detail (id INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT',
    'CREATE INDEX exchange_trace ON exchange (trace)',
    'CREATE INDEX exchange_failed ON exchange (id) WHERE status >= 500 OR error != 0',
    `CREATE INDEX exchange_slow ON exchange (id) WHERE duration_us > ${SLOW_US}`,
  ],
}
