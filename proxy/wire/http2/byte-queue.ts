// Bytes that wait, in blocks: a client that sends them one by one must not make an object of each.

const BLOCK_BYTES = 16 * 1024

export class ByteQueue {
  #blocks: Buffer[] = []
  /** Bytes of the last block that are filled. */
  #filled = 0
  bytes = 0

  /** @param chunk lent */
  push(chunk: Buffer): void {
    this.bytes += chunk.length
    for (let at = 0; at < chunk.length; ) {
      let last = this.#blocks.at(-1)
      if (last === undefined || this.#filled === last.length) {
        // The rest of a long chunk in one piece.
        last = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, chunk.length - at))
        this.#blocks.push(last)
        this.#filled = 0
      }
      const bytes = chunk.copy(last, this.#filled, at)
      this.#filled += bytes
      at += bytes
    }
  }

  /** @returns the first of them, the caller's now; null: none */
  shift(): Buffer | null {
    const block = this.#blocks.shift()
    if (block === undefined) return null
    const bytes = this.#blocks.length === 0 ? block.subarray(0, this.#filled) : block
    this.bytes -= bytes.length
    return bytes
  }

  clear(): void {
    this.#blocks = []
    this.bytes = 0
  }
}
