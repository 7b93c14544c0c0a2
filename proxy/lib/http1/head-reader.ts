// Gathers the bytes of a head until its empty line, and never more than it may.

/** So little is read as text sooner than searched. */
const SHORT_READ_BYTES = 2048
const EMPTY_LINE = Buffer.from('\r\n\r\n')

export interface HeadRead {
  head: string
  rest: number
}

export class HeadReader {
  readonly #maxBytes: number
  #text = ''

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** What came so far of an unfinished head, latin1. */
  get pending(): string {
    return this.#text
  }

  /**
   * @param length how many bytes of `input` have come
   * @returns the head without its empty line, and where in `input` the rest begins;
   * undefined: more is needed; 'too-large': there will be no more
   */
  push(input: Buffer, length = input.length): HeadRead | 'too-large' | undefined {
    const before = this.#text.length
    // One more byte than may be kept shows that it is too much.
    const room = this.#maxBytes + 4 - before
    const most = length < room ? length : room
    const piece = input.toString('latin1', 0, most <= SHORT_READ_BYTES ? most : headEnd(input, most))
    const text = before === 0 ? piece : this.#text + piece
    const end = text.indexOf('\r\n\r\n', Math.max(0, before - 3))
    if (end < 0) {
      if (text.length >= this.#maxBytes + 4) return 'too-large'
      this.#text = text
      return undefined
    }
    if (end > this.#maxBytes) return 'too-large'
    this.#text = ''
    return { head: text.slice(0, end), rest: end + 4 - before }
  }
}

/** Where the first empty line among `bytes` ends, or `bytes`: a body behind it is neither read as text nor kept with it. */
function headEnd(input: Buffer, bytes: number): number {
  const at = input.subarray(0, bytes).indexOf(EMPTY_LINE)
  return at < 0 ? bytes : at + EMPTY_LINE.length
}
