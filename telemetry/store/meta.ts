// meta.db: the timeline of what changed, and of what is missing.
import type { TimelineEvent } from '../../control/admin/contract.ts'
import type { Driver } from './driver.ts'

const MAX_EVENTS = 50_000
/** A gap that begins within a minute of the last one's end is the same trouble. */
const SAME_GAP_MS = 60_000

export class Meta {
  readonly #db: Driver

  constructor(db: Driver) {
    this.#db = db
    const excess = 'SELECT id FROM event ORDER BY id DESC LIMIT 1 OFFSET ?'
    db.run(`DELETE FROM event WHERE id <= (${excess})`, MAX_EVENTS)
  }

  add(event: TimelineEvent): void {
    const { at, kind, text, until } = event
    this.#db.run('INSERT INTO event (at, kind, text, until) VALUES (?, ?, ?, ?)', at, kind, text, until)
  }

  /** Lengthens the last gap with the same text when this one follows it closely. @returns false: a new one was made */
  addGap(event: TimelineEvent): boolean {
    const last = this.#db.all<{ id: number; until: number | null }>(
      'SELECT id, until FROM event WHERE text = ? ORDER BY id DESC LIMIT 1',
      event.text,
    )[0]
    if (last?.until == null || event.at - last.until > SAME_GAP_MS) {
      this.add(event)
      return false
    }
    this.#db.run('UPDATE event SET until = ? WHERE id = ?', event.until, last.id)
    return true
  }

  close(): void {
    this.#db.close()
  }
}
