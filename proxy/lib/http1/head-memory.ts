// Remembers the last head and what was read from it: peers repeat themselves, and bytes compare faster than they parse.

/** A head that is longer than this is not worth remembering. */
const REMEMBERED_CHARS = 4096

export class HeadMemory<T> {
  #text = ''
  #value: T | null = null
  /** The head with its empty line; made when it comes a second time. */
  #bytes: Buffer | null = null

  /** What was read; null: nothing is remembered. */
  get value(): T | null {
    return this.#value
  }

  /** @returns how many of the first `length` bytes are the remembered head, empty line included; 0: it is another */
  match(input: Buffer, length: number): number {
    const bytes = this.#bytes
    if (bytes === null || length < bytes.length) return 0
    return input.compare(bytes, 0, bytes.length, 0, bytes.length) === 0 ? bytes.length : 0
  }

  /** @param head without its empty line @returns what was read from it the last time, if that was the last head */
  recall(head: string): T | null {
    if (this.#value === null || head !== this.#text) return null
    this.#bytes ??= Buffer.from(`${head}\r\n\r\n`, 'latin1')
    return this.#value
  }

  keep(head: string, value: T): void {
    if (head.length > REMEMBERED_CHARS) return this.forget()
    this.#text = head
    this.#value = value
    this.#bytes = null
  }

  forget(): void {
    this.#text = ''
    this.#value = this.#bytes = null
  }
}
