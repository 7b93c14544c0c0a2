// Id → text of one database's dictionary, remembered as long as the connection lives.
import type { Driver, Value } from '../store/driver.ts'

const MAX_CACHED = 10_000
const known = new WeakMap<Driver, Names>()

export class Names {
  readonly #db: Driver
  readonly #texts = new Map<Value, string>([[0, '']])

  private constructor(db: Driver) {
    this.#db = db
  }

  static of(db: Driver): Names {
    const names = known.get(db) ?? new Names(db)
    known.set(db, names)
    return names
  }

  text(id: Value): string {
    const cached = this.#texts.get(id)
    if (cached !== undefined) return cached
    const text = this.#db.all<{ text: string }>('SELECT text FROM dict WHERE id = ?', id)[0]?.text ?? ''
    if (this.#texts.size >= MAX_CACHED) this.#texts.clear()
    this.#texts.set(id, text)
    return text
  }
}
