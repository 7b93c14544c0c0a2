// Remembers the last head and what was read from it: peers repeat themselves, and bytes compare faster than they parse.

/** A head that is longer than this is not worth remembering. */
const REMEMBERED_CHARS = 4096

/** Shorter ones compare faster here, word by word, than a call of Buffer.compare begins. */
const COMPARED_HERE_BYTES = 512
/** Only of large buffers, which are few and live long, is a view kept. */
const VIEWED_BYTES = 64 * 1024

const NO_WORDS = new Int32Array(0)

let viewed: Buffer | null = null
let view: Int32Array = NO_WORDS

/** The large buffer that all heads are read through, as words; null: it is another one. */
function wordsOf(input: Buffer): Int32Array | null {
  if (input === viewed) return view
  if (input.length < VIEWED_BYTES || input.byteOffset % 4 !== 0) return null
  viewed = input
  view = new Int32Array(input.buffer, input.byteOffset, input.length >> 2)
  return view
}

export class HeadMemory<T> {
  #text = ''
  #value: T | null = null
  /** The head with its empty line; made when it comes a second time. */
  #bytes: Buffer | null = null
  /** The same, four bytes at a time, as far as they go. */
  #words: Int32Array = NO_WORDS

  /** What was read; null: nothing is remembered. */
  get value(): T | null {
    return this.#value
  }

  /** @returns how many of the first `length` bytes are the remembered head, empty line included; 0: it is another */
  match(input: Buffer, length: number): number {
    const bytes = this.#bytes
    if (bytes === null || length < bytes.length) return 0
    const words = bytes.length <= COMPARED_HERE_BYTES ? wordsOf(input) : null
    const same =
      words === null
        ? input.compare(bytes, 0, bytes.length, 0, bytes.length) === 0
        : this.#sameWords(words) && sameTail(input, bytes)
    return same ? bytes.length : 0
  }

  #sameWords(input: Int32Array): boolean {
    const known = this.#words
    for (let i = 0; i < known.length; i++) if (known[i] !== input[i]) return false
    return true
  }

  /** @param head without its empty line @returns what was read from it the last time, if that was the last head */
  recall(head: string): T | null {
    if (this.#value === null || head !== this.#text) return null
    if (this.#bytes === null) {
      const text = `${head}\r\n\r\n`
      this.#bytes = Buffer.allocUnsafeSlow(text.length)
      this.#bytes.write(text, 'latin1')
      this.#words = new Int32Array(this.#bytes.buffer, 0, text.length >> 2)
    }
    return this.#value
  }

  keep(head: string, value: T): void {
    if (head.length > REMEMBERED_CHARS) return this.forget()
    this.#text = head
    this.#value = value
    this.#bytes = null
    this.#words = NO_WORDS
  }

  forget(): void {
    this.#text = ''
    this.#value = this.#bytes = null
    this.#words = NO_WORDS
  }
}

/** What is behind the last whole word. */
function sameTail(input: Buffer, bytes: Buffer): boolean {
  for (let i = bytes.length & ~3; i < bytes.length; i++) if (input[i] !== bytes[i]) return false
  return true
}
