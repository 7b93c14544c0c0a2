// Buffers of one size that are used again: made anew for each piece, they would be most of the garbage.

export class BufferPool {
  /** Of each of its buffers. */
  readonly bytes: number
  readonly #most: number
  readonly #free: Buffer[] = []

  /** @param most how many may wait to be used again */
  constructor(bytes: number, most: number) {
    this.bytes = bytes
    this.#most = most
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.bytes)
  }

  /** @param buffer one of this pool's; nobody holds bytes of it any more */
  give(buffer: Buffer): void {
    if (this.#free.length < this.#most) this.#free.push(buffer)
  }
}
