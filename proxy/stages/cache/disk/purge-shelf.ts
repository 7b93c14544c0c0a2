// Purges on disk: what is meant is out of reach at once, and cleared away in small steps afterwards.

import type { Value } from '../../../../telemetry/store/driver.ts'
import type { Purge } from '../purge/purge.ts'
import type { Shelf } from './shelf.ts'

/** Rows cleared away in one step: lookups are not to wait for more. */
const STEP_ROWS = 200

export interface PurgedOnDisk {
  /** Numbers of the entries that were meant, for a count without doubles; empty for a purge of everything. */
  idents: number[]
  count: number
}

export class ShelfPurger {
  readonly #shelf: Shelf
  /** Ids of rows that are still there, and when they were purged softly; 0: hard. */
  readonly #pending = new Map<number, number>()
  #reclaimId: number

  constructor(shelf: Shelf) {
    this.#shelf = shelf
    this.#reclaimId = shelf.state('reclaim_id')
  }

  /** Something is left to clear away. */
  get busy(): boolean {
    return this.#pending.size > 0 || this.#reclaimId > 0
  }

  purge(purge: Purge, nowMs: number): PurgedOnDisk {
    if (purge.all) return this.#purgeAll(purge, nowMs)
    const { sql, params } = conditionOf(purge)
    const rows = this.#shelf.db.all<{ id: number; ident: number }>(
      `SELECT id, ident FROM entry WHERE space = ? AND (${sql})`,
      this.#shelf.space,
      ...params,
    )
    const meant = rows.filter(row => this.#pending.get(row.id) !== 0)
    if (!purge.dryRun) for (const { id } of meant) this.#pending.set(id, purge.soft ? nowMs : 0)
    return { idents: meant.map(row => row.ident), count: meant.length }
  }

  /** Everything, at once: what belongs to an older namespace is not found any more. */
  #purgeAll({ dryRun, soft }: Purge, nowMs: number): PurgedOnDisk {
    const shelf = this.#shelf
    const count = shelf.entries
    if (dryRun) return { idents: [], count }
    if (soft) {
      shelf.setState('soft_ms', nowMs)
      return { idents: [], count }
    }
    this.#pending.clear()
    shelf.setState('space', shelf.space + 1)
    this.#reclaimId = shelf.db.all<{ id: number | null }>('SELECT max(id) AS id FROM entry')[0]?.id ?? 0
    shelf.setState('reclaim_id', this.#reclaimId)
    return { idents: [], count }
  }

  /** Before a key is looked up or replaced: its own rows are settled now. */
  settle(resource: number): void {
    if (this.#pending.size === 0) return
    const rows = this.#shelf.db.all<{ id: number }>('SELECT id FROM entry WHERE resource = ?', resource)
    for (const { id } of rows) this.#settleId(id)
  }

  /** One step of clearing away. */
  step(): void {
    let steps = STEP_ROWS
    for (const id of this.#pending.keys()) {
      this.#settleId(id)
      if (--steps === 0) return
    }
    if (this.#reclaimId === 0) return
    const rows = this.#shelf.db.all<{ id: number }>(
      'SELECT id FROM entry WHERE id <= ? ORDER BY id LIMIT ?',
      this.#reclaimId,
      steps,
    )
    for (const { id } of rows) this.#shelf.removeId(id)
    if (rows.length > 0) return
    this.#reclaimId = 0
    this.#shelf.setState('reclaim_id', 0)
  }

  #settleId(id: number): void {
    const softMs = this.#pending.get(id)
    if (softMs === undefined) return
    this.#pending.delete(id)
    if (softMs === 0) return this.#shelf.removeId(id)
    this.#shelf.db.run(
      'UPDATE entry SET lifetime_s = min(lifetime_s, (? - born_ms) / 1000) WHERE id = ?',
      softMs,
      id,
    )
  }
}

function conditionOf({ urls, prefixes, hosts, tags }: Purge): { sql: string; params: Value[] } {
  const marks = (list: readonly string[]) => list.map(() => '?').join(', ')
  const parts: string[] = []
  if (urls.length > 0) parts.push(`url IN (${marks(urls)})`)
  // Half-open: all that begins so, found in the index of URLs.
  for (const _ of prefixes) parts.push('(url >= ? AND url < ?)')
  if (hosts.length > 0) parts.push(`host IN (${marks(hosts)})`)
  if (tags.length > 0) parts.push(`id IN (SELECT id FROM tag WHERE tag IN (${marks(tags)}))`)
  const params = [...urls, ...prefixes.flatMap(each => [each, `${each}\u{10ffff}`]), ...hosts, ...tags]
  return { sql: parts.join(' OR '), params }
}
