// One live subscriber: gathers matching rows and sends them in batches, within a row budget.
import type { ExchangeRow, LiveEvent } from '../../control/admin/contract.ts'

const ROWS_PER_SECOND = 50

/** A listener that throws is its own problem only: its connection is closing. */
export class Watcher {
  readonly #matches: (row: ExchangeRow) => boolean
  readonly #listener: (event: LiveEvent) => void
  #rows: ExchangeRow[] = []
  #skipped = 0
  #windowStartMs = 0
  #sentInWindow = 0

  constructor(matches: (row: ExchangeRow) => boolean, listener: (event: LiveEvent) => void) {
    this.#matches = matches
    this.#listener = listener
  }

  offer(row: ExchangeRow): void {
    if (!this.#matches(row)) return
    if (this.#sentInWindow + this.#rows.length >= ROWS_PER_SECOND) this.#skipped++
    else this.#rows.push(row)
  }

  flush(nowMs: number): void {
    if (this.#rows.length > 0 || this.#skipped > 0) {
      this.#sentInWindow += this.#rows.length
      this.send({ type: 'exchanges', rows: this.#rows, skipped: this.#skipped })
      this.#rows = []
      this.#skipped = 0
    }
    if (nowMs - this.#windowStartMs < 1000) return
    this.#windowStartMs = nowMs
    this.#sentInWindow = 0
  }

  send(event: LiveEvent): void {
    this.#listener(event)
  }
}
