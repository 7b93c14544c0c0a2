// How long to wait before a process that died is started again.

const WINDOW_MS = 60_000
/** Deaths within the window that are answered at once. */
const FREE = 5
const FIRST_MS = 100
const MAX_MS = 5000

export class Backoff {
  #deaths: number[] = []

  /** Notes a death. @returns milliseconds to wait */
  next(nowMs: number): number {
    this.#deaths = [...this.#deaths.filter(at => nowMs - at < WINDOW_MS), nowMs].slice(-32)
    const over = this.#deaths.length - FREE
    return over <= 0 ? 0 : Math.min(MAX_MS, FIRST_MS * 2 ** (over - 1))
  }
}
