// Text → id in one database's dictionary, with the frequent ones in memory.
import type { Driver } from './driver.ts'

/** User agents and hosts are the client's choice: what is remembered here is bounded. */
const MAX_CACHED = 10_000

export class Dictionary {
  readonly #db: Driver
  readonly #ids = new Map<string, number>([['', 0]])

  constructor(db: Driver) {
    this.#db = db
  }

  /** Inside a transaction: the text is added when it is new. */
  id(text: string): number {
    const cached = this.#ids.get(text)
    if (cached !== undefined) return cached
    const known = this.#db.all<{ id: number }>('SELECT id FROM dict WHERE text = ?', text)[0]?.id
    const id = known ?? this.#insert(text)
    if (this.#ids.size >= MAX_CACHED) this.forget()
    this.#ids.set(text, id)
    return id
  }

  /** After a rollback: ids of texts that were not kept. */
  forget(): void {
    this.#ids.clear()
    this.#ids.set('', 0)
  }

  #insert(text: string): number {
    return this.#db.all<{ id: number }>('INSERT INTO dict (text) VALUES (?) RETURNING id', text)[0]!.id
  }
}
