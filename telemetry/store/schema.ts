// The tables of the three kinds of database, each with its own version in `user_version`.

export interface Schema {
  name: 'meta' | 'rollup' | 'events'
  version: number
  /** Set on every connection of the writer. */
  pragmas: readonly string[]
  /** Before the first table: decides the layout of the file. */
  layout: readonly string[]
  tables: readonly string[]
  /** What makes version n of a file n + 1, from version 1 on. A file of rows may be large: only what takes no time. */
  upgrades: readonly (readonly string[])[]
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
  upgrades: [],
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
  upgrades: [],
}

/** Rows slower than this have an index. */
export const SLOW_US = 250_000

/** Since version 2: gRPC's status, −1 for none, and why it was no request. */
const ADDED = ['grpc INTEGER NOT NULL DEFAULT -1', 'reject INTEGER NOT NULL DEFAULT 0']
const GRPC_INDEX = 'CREATE INDEX exchange_grpc ON exchange (id) WHERE grpc >= 0'

/**
 * One UTC day. `id` is Unix ms × 4096 + sequence: time-ordered, so a time range needs no index. What only the
 * detail page reads lies apart, so that the list's scans stay narrow.
 */
export const EVENTS: Schema = {
  name: 'events',
  version: 2,
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
      weight REAL NOT NULL, ${ADDED.join(', ')}) STRICT`,
    'CREATE TABLE detail (id INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT',
    'CREATE INDEX exchange_trace ON exchange (trace)',
    'CREATE INDEX exchange_failed ON exchange (id) WHERE status >= 500 OR error != 0',
    `CREATE INDEX exchange_slow ON exchange (id) WHERE duration_us > ${SLOW_US}`,
    GRPC_INDEX,
  ],
  upgrades: [[...ADDED.map(column => `ALTER TABLE exchange ADD COLUMN ${column}`), GRPC_INDEX]],
}

/** For readers of a day file of version 1, which nobody writes any more: its rows as those of today. */
export const EVENTS_OF_1 = 'CREATE TEMP VIEW exchange AS SELECT *, -1 AS grpc, 0 AS reject FROM main.exchange'
