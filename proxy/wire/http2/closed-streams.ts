// Streams that were open a moment ago: what still comes for them says whether the client is late or wrong.

/** More than may be open at a time by default. */
const REMEMBERED = 128

export class ClosedStreams {
  /** Numbers of streams; negative where we have reset it, so that its client cannot have known. */
  readonly #ids = new Int32Array(REMEMBERED)
  #next = 0

  add(id: number, reset: boolean): void {
    this.#ids[this.#next] = reset ? -id : id
    this.#next = (this.#next + 1) % REMEMBERED
  }

  /** It was open, and has closed. */
  has(id: number): boolean {
    return this.#ids.includes(id) || this.wasReset(id)
  }

  /** What comes for it was under way (RFC 9113 section 5.1). */
  wasReset(id: number): boolean {
    return this.#ids.includes(-id)
  }
}
