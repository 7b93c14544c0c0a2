// Counts what a client may do now and then but not without end; a bucket that leaks.

export class Flood {
  readonly #most: number
  readonly #perMs: number
  #level = 0
  #atMs = 0

  /** At most `most` at once, and no more than `most` in `withinMs` for long. */
  constructor(most: number, withinMs: number) {
    this.#most = most
    this.#perMs = most / withinMs
  }

  /** One more. @returns true when it is one too many */
  add(nowMs: number): boolean {
    this.#level = Math.max(0, this.#level - (nowMs - this.#atMs) * this.#perMs) + 1
    this.#atMs = nowMs
    return this.#level > this.#most
  }
}
