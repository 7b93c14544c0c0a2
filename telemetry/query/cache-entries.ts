// GET /api/v1/cache/entries: what the cache holds on disk, a page at a time.
import type { CacheEntry, CacheEntryPage, CacheSort } from '../../control/admin/contract-cache.ts'
import type { Driver, Value } from '../store/driver.ts'
import type { Context } from './context.ts'
import type { Params } from './questions.ts'

/** Looked through at once, the most recently used ones: a question must end in time. */
const MAX_SCANNED = 200_000

const ORDER: Record<CacheSort, string> = {
  used: 'used_ms',
  saved: 'hits * bytes',
  size: 'bytes',
  stored: 'stored_ms',
}

interface Row {
  id: number
  url: string
  rest: string
  suffix: string
  names: string
  host: string
  route: string
  status: number
  bytes: number
  stored_ms: number
  born_ms: number
  lifetime_s: number
  used_ms: number
  hits: number
  tags: string
  sorted: number
}

export function cacheEntries(params: Params<'cacheEntries'>, { reader, nowMs }: Context): CacheEntryPage {
  const db = reader.cache
  if (db === null) return { rows: [], next: null, total: 0, listed: false }
  const { sql, values } = conditionOf(params)
  const [space, softMs] = [stateOf(db, 'space'), stateOf(db, 'soft_ms')]
  const from = `(SELECT * FROM entry WHERE ${sql} AND space = ? ORDER BY rank DESC LIMIT ${MAX_SCANNED})`
  const order = ORDER[params.sort]
  const [value, id] = (params.after ?? ':').split(':')
  const after = params.after === null ? '' : `WHERE (${order}, id) < (?, ?)`
  const rows = db.all<Row>(
    `SELECT *, ${order} AS sorted FROM ${from} ${after} ORDER BY ${order} DESC, id DESC LIMIT ?`,
    ...values,
    space,
    ...(params.after === null ? [] : [Number(value), Number(id)]),
    params.limit + 1,
  )
  const total = db.all<{ n: number }>(`SELECT count(*) AS n FROM ${from}`, ...values, space)[0]!.n
  const more = rows.length > params.limit
  const shown = rows.slice(0, params.limit)
  const last = shown.at(-1)
  return {
    rows: shown.map(row => entryOf(row, softMs, nowMs)),
    next: more && last !== undefined ? `${last.sorted}:${last.id}` : null,
    total: total < MAX_SCANNED ? total : null,
    listed: true,
  }
}

function conditionOf({ host, prefix, tag }: Params<'cacheEntries'>): { sql: string; values: Value[] } {
  const parts = ['1']
  const values: Value[] = []
  if (host !== '') {
    parts.push('host = ?')
    values.push(host.toLowerCase())
  }
  if (prefix !== '') {
    parts.push('url >= ? AND url < ?')
    values.push(prefix, `${prefix}\u{10ffff}`)
  }
  if (tag !== '') {
    parts.push('id IN (SELECT id FROM tag WHERE tag = ?)')
    values.push(tag)
  }
  return { sql: parts.join(' AND '), values }
}

function stateOf(db: Driver, key: string): number {
  return db.all<{ value: number }>('SELECT value FROM state WHERE key = ?', key)[0]?.value ?? 0
}

function entryOf(row: Row, softMs: number, nowMs: number): CacheEntry {
  const ageS = Math.max(0, (nowMs - row.born_ms) / 1000)
  const soft = row.stored_ms <= softMs
  const lifetimeS = soft ? Math.min(row.lifetime_s, (softMs - row.born_ms) / 1000) : row.lifetime_s
  return {
    id: row.id,
    url: row.url,
    keyRest: row.rest.trim(),
    vary: row.names === '' ? [] : row.names.split(','),
    variant: row.suffix.trim().replaceAll('\n', ' · ').replaceAll('\0', '–'),
    copies: 0,
    host: row.host,
    route: row.route,
    status: row.status,
    bytes: row.bytes,
    storedAt: row.stored_ms,
    usedAt: row.used_ms,
    ageS: Math.floor(ageS),
    ttlS: Math.floor(lifetimeS - ageS),
    hits: row.hits,
    savedBytes: row.hits * row.bytes,
    tags: row.tags.trim() === '' ? [] : row.tags.trim().split(' '),
  }
}
