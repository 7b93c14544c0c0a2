// The entries in cache.db: find, put, remove, within a budget of bytes. Everything here is one thread's.
import type { Driver } from '../../../../telemetry/store/driver.ts'
import { hostOf, urlOf } from '../purge/purge.ts'
import { digestOf, digestOfTexts } from './digest.ts'
import type { StoredHead } from './frames.ts'
import { identOf } from './ident.ts'

/** The filter of a worker takes up to 16 bytes for each. */
export const MAX_ENTRIES = 1_000_000
/** An entry counts as so much longer unused for each such piece of its size. */
const PIECE_BYTES = 64 * 1024
const PIECE_MS = 60_000
/** So many go at once: lookups are not to wait for more. */
const EVICT_STEP = 256
/** A row may split a page in each table and index. */
const SPARE_PAGES = 8
/** What a row takes beside its texts and its body: five tables and indices. */
const ROW_BYTES = 600

interface EntryRow {
  id: number
  url: string
  rest: string
  suffix: string
  names: string
  status: number
  bytes: number
  stored_ms: number
  born_ms: number
  lifetime_s: number
  grace_s: number
  tags: string
  route: string
}

interface StoredRow {
  head: string
  freshness: string
  digest: Uint8Array
  body: Buffer
}

export type Lookup = { found: StoredHead; body: Buffer } | { varies: string[] } | null

interface Hooks {
  /** The last entry of a key is gone. */
  gone(resource: number): void
}

const ENTRY = `SELECT id, url, rest, suffix, names, status, bytes, stored_ms, born_ms, lifetime_s, grace_s, tags, route
  FROM entry WHERE space = ?`
const STORED = 'SELECT head, freshness, digest, body FROM stored WHERE id = ?'

/** Later is better: recency, less what its size weighs. */
export const rankOf = (usedMs: number, bytes: number): number => usedMs - (bytes / PIECE_BYTES) * PIECE_MS

export class Shelf {
  readonly db: Driver
  readonly #hooks: Hooks
  budgetBytes: number
  evictions = 0
  /** Bodies that were not what they had been when they were written. */
  torn = 0
  #entries: number
  #lastId: number
  /** What the file took when it was looked at last, and about what has come since. */
  #knownBytes = Number.POSITIVE_INFINITY
  #grownBytes = 0
  space: number
  softMs: number
  readonly #pageBytes: number

  constructor(db: Driver, budgetBytes: number, hooks: Hooks) {
    this.db = db
    this.#hooks = hooks
    this.budgetBytes = budgetBytes
    this.#entries = this.#state('entries')
    this.#lastId = db.all<{ id: number | null }>('SELECT max(id) AS id FROM entry')[0]!.id ?? 0
    this.space = this.#state('space')
    this.softMs = this.#state('soft_ms')
    this.#pageBytes = db.all<{ page_size: number }>('PRAGMA page_size')[0]!.page_size
  }

  get entries(): number {
    return this.#entries
  }

  /** Pages in use: what the entries take of the file. */
  get bytes(): number {
    const pages = this.db.all<{ page_count: number }>('PRAGMA page_count')[0]!.page_count
    const free = this.db.all<{ freelist_count: number }>('PRAGMA freelist_count')[0]!.freelist_count
    return (pages - free) * this.#pageBytes
  }

  /** @param suffix null: not known, which the answer may be told apart by */
  find(primary: string, suffix: string | null): Lookup {
    const entry = this.#entryOf(primary, suffix)
    if (entry === undefined || entry.url + entry.rest !== primary) return null
    if (suffix === null && entry.names !== '') return { varies: entry.names.split(',') }
    if (entry.suffix !== (suffix ?? '')) return null
    const stored = this.db.all<StoredRow>(STORED, entry.id)[0]
    if (stored === undefined || stored.body.length !== entry.bytes || !isWhole(stored)) {
      this.torn++
      this.removeId(entry.id)
      return null
    }
    return { found: this.#headOf(entry, stored), body: stored.body }
  }

  /** All of one key have the same names, so any of them tells these. */
  #entryOf(primary: string, suffix: string | null): EntryRow | undefined {
    return suffix === null
      ? this.db.all<EntryRow>(`${ENTRY} AND resource = ? LIMIT 1`, this.space, identOf(primary))[0]
      : this.db.all<EntryRow>(`${ENTRY} AND ident = ?`, this.space, identOf(primary, suffix))[0]
  }

  put(stored: StoredHead, body: Buffer, nowMs: number): boolean {
    const cost = body.length + ROW_BYTES + 3 * stored.primary.length + 40 * stored.head.length
    if (cost > this.budgetBytes / 4) return false
    if (!this.makeRoom(cost)) return false
    const { primary, suffix, names } = stored
    const [ident, resource] = [identOf(primary, suffix), identOf(primary)]
    const joined = names.join(',')
    // What was told apart by other fields is out of reach, and the same one is replaced.
    const known = this.db.all<{ id: number; ident: number; names: string }>(
      'SELECT id, ident, names FROM entry WHERE resource = ?',
      resource,
    )
    for (const it of known) if (it.ident === ident || it.names !== joined) this.#delete(it.id)
    const id = ++this.#lastId
    const url = urlOf(primary)
    const tags = tagText(stored.tags)
    this.db.run(
      `INSERT INTO entry (id, ident, resource, url, rest, suffix, names, host, route, status, bytes, stored_ms, born_ms,
        lifetime_s, grace_s, used_ms, rank, hits, tags, space) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,0,?,?)`,
      ...[id, ident, resource, url, primary.slice(url.length), suffix, joined, hostOf(primary), stored.route],
      ...[stored.status, body.length, stored.storedMs, stored.bornMs, stored.lifetimeS, stored.graceS],
      ...[nowMs, rankOf(nowMs, body.length), tags, this.space],
    )
    const head = JSON.stringify(stored.head)
    const digest = digestOf(head, stored.freshness, body)
    this.db.run('INSERT INTO stored VALUES (?,?,?,?,?)', id, head, stored.freshness, digest, body)
    for (const tag of stored.tags) this.db.run('INSERT OR IGNORE INTO tag VALUES (?, ?)', tag, id)
    this.#entries++
    this.#grownBytes += cost
    return true
  }

  /** A new head for a body that stays where it lies. @returns false when it is not here */
  freshen(stored: StoredHead): boolean {
    const { primary, suffix, names, status, storedMs, bornMs, lifetimeS, graceS } = stored
    const entry = this.#entryOf(primary, suffix)
    if (entry === undefined || entry.url + entry.rest !== primary || entry.names !== names.join(','))
      return false
    const before = this.db.all<{ digest: Buffer }>('SELECT digest FROM stored WHERE id = ?', entry.id)[0]
    if (before === undefined) return false
    const head = JSON.stringify(stored.head)
    const digest = Buffer.concat([before.digest.subarray(0, 16), digestOfTexts(head, stored.freshness)])
    this.db.run(
      'UPDATE stored SET head = ?, freshness = ?, digest = ? WHERE id = ?',
      ...[head, stored.freshness, digest, entry.id],
    )
    this.db.run(
      `UPDATE entry SET status = ?, stored_ms = ?, born_ms = ?, lifetime_s = ?, grace_s = ?, route = ?, tags = ?
        WHERE id = ?`,
      ...[status, storedMs, bornMs, lifetimeS, graceS, stored.route, tagText(stored.tags), entry.id],
    )
    if (entry.tags !== tagText(stored.tags)) this.#retag(entry, stored.tags)
    return true
  }

  #retag({ id, tags }: EntryRow, wanted: readonly string[]): void {
    for (const tag of tags.split(' '))
      if (tag !== '') this.db.run('DELETE FROM tag WHERE tag = ? AND id = ?', tag, id)
    for (const tag of wanted) this.db.run('INSERT OR IGNORE INTO tag VALUES (?, ?)', tag, id)
  }

  removeVariant(primary: string, suffix: string): void {
    const row = this.db.all<{ id: number }>(
      'SELECT id FROM entry WHERE ident = ?',
      identOf(primary, suffix),
    )[0]
    if (row !== undefined) this.removeId(row.id)
  }

  /** With all its variants. */
  removeAll(primary: string): void {
    const rows = this.db.all<{ id: number }>('SELECT id FROM entry WHERE resource = ?', identOf(primary))
    for (const { id } of rows) this.removeId(id)
  }

  removeId(id: number): void {
    const resource = this.#delete(id)
    if (resource === undefined) return
    const more = this.db.all('SELECT 1 FROM entry WHERE resource = ? LIMIT 1', resource)
    if (more.length === 0) this.#hooks.gone(resource)
  }

  used(ident: number, hits: number, nowMs: number): void {
    this.db.run(
      'UPDATE entry SET used_ms = ?, rank = ? - bytes * ?, hits = hits + ? WHERE ident = ?',
      nowMs,
      nowMs,
      PIECE_MS / PIECE_BYTES,
      hits,
      ident,
    )
  }

  /** Out go the longest unused, large ones earlier. @returns false: not in one step */
  makeRoom(bytes: number): boolean {
    if (this.#hasRoom(bytes)) return true
    const worst = this.db.all<{ id: number }>('SELECT id FROM entry ORDER BY rank LIMIT ?', EVICT_STEP)
    for (const { id } of worst) {
      this.removeId(id)
      this.evictions++
      if (this.#hasRoom(bytes)) return true
    }
    return false
  }

  #hasRoom(bytes: number): boolean {
    const spare = bytes + SPARE_PAGES * this.#pageBytes
    // Twice what is known to have come: far below the budget the file is not looked at for each.
    const atMost = this.#knownBytes + 2 * (this.#grownBytes + spare)
    if (this.#entries < MAX_ENTRIES && atMost < this.budgetBytes) return true
    this.#knownBytes = this.bytes
    this.#grownBytes = 0
    return this.#entries < MAX_ENTRIES && this.#knownBytes + spare <= this.budgetBytes
  }

  /** Numbers of keys in order, from the index alone. @returns none: that was all */
  keysAfter(resource: number, limit: number): number[] {
    return this.db
      .all<{ resource: number }>(
        'SELECT DISTINCT resource FROM entry WHERE resource > ? ORDER BY resource LIMIT ?',
        resource,
        limit,
      )
      .map(row => row.resource)
  }

  setState(key: 'entries' | 'space' | 'soft_ms' | 'reclaim_id', value: number): void {
    this.db.run('INSERT OR REPLACE INTO state VALUES (?, ?)', key, value)
    if (key === 'space') this.space = value
    if (key === 'soft_ms') this.softMs = value
  }

  state(key: 'reclaim_id'): number {
    return this.#state(key)
  }

  #state(key: string): number {
    return this.db.all<{ value: number }>('SELECT value FROM state WHERE key = ?', key)[0]?.value ?? 0
  }

  #delete(id: number): number | undefined {
    const row = this.db.all<{ resource: number; tags: string }>(
      'SELECT resource, tags FROM entry WHERE id = ?',
      id,
    )[0]
    if (row === undefined) return undefined
    for (const tag of row.tags.split(' '))
      if (tag !== '') this.db.run('DELETE FROM tag WHERE tag = ? AND id = ?', tag, id)
    this.db.run('DELETE FROM stored WHERE id = ?', id)
    this.db.run('DELETE FROM entry WHERE id = ?', id)
    this.#entries--
    return row.resource
  }

  #headOf(row: EntryRow, stored: StoredRow): StoredHead {
    // A soft purge of everything: what was stored before it is as old as it may be.
    const soft = row.stored_ms <= this.softMs
    const lifetimeS = soft ? Math.min(row.lifetime_s, (this.softMs - row.born_ms) / 1000) : row.lifetime_s
    return {
      primary: row.url + row.rest,
      suffix: row.suffix,
      names: row.names === '' ? [] : row.names.split(','),
      status: row.status,
      head: JSON.parse(stored.head) as string[],
      freshness: stored.freshness,
      storedMs: row.stored_ms,
      bornMs: row.born_ms,
      lifetimeS,
      graceS: row.grace_s,
      tags: row.tags.trim() === '' ? [] : row.tags.trim().split(' '),
      route: row.route,
    }
  }
}

/** Between spaces. */
const tagText = (tags: readonly string[]): string => (tags.length === 0 ? '' : ` ${tags.join(' ')} `)

function isWhole({ head, freshness, body, digest }: StoredRow): boolean {
  return digestOf(head, freshness, body).equals(digest)
}
