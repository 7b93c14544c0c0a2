// Where a socket's bytes land: one buffer that all connections share, or one of its own while a body flows.
import { BufferPool } from './buffer-pool.ts'

const BYTES = 64 * 1024
/** For a body that fills its buffer again and again: fewer and larger reads and writes cost less. */
const LARGE_BYTES = 256 * 1024
const FULL_READS = 4

/** All heads are read through it: each read is used up, or copied, before the next. */
const shared: Buffer = Buffer.allocUnsafeSlow(BYTES)

const pool = new BufferPool(BYTES, 64)
const largePool = new BufferPool(LARGE_BYTES, 16)

/** Takes what a socket read. */
export interface Reader {
  /**
   * `buffer` holds `length` new bytes from its start; they are lent (see `Feed`).
   * @returns false: enough, until the socket is read again
   */
  received(buffer: Buffer, length: number): boolean | void
}

/**
 * The reading side of one plain socket, for `onread` of net.Socket. Bytes are lent, never given: those in the
 * shared buffer until the reader returns, those in a leased one until reading goes on. No read makes a buffer.
 */
export class Feed {
  reader: Reader | null = null
  /** What the socket reads into, and what it will read into after the read under way. */
  #buffer: Buffer = shared
  #next: Buffer = shared
  #started = false
  #spent = true
  #fullReads = 0

  /** Options for net.Socket, which keeps the two and not what they came in. */
  get onread(): { buffer: () => Buffer; callback: (bytes: number) => boolean } {
    return {
      buffer: () => this.#turn() as Buffer,
      callback: bytes => {
        if (bytes === BYTES && this.leased && ++this.#fullReads === FULL_READS) this.#grow()
        return this.reader?.received(this.#buffer, bytes) ?? true
      },
    }
  }

  /** True: what was read stays as it is while the socket is paused. */
  get leased(): boolean {
    return this.#buffer !== shared
  }

  /** A buffer of its own from the next read on. Call it while a read is being handled. */
  lease(): void {
    if (this.#next !== shared) return
    this.#next = pool.take()
    this.#fullReads = 0
  }

  /** Back to the shared buffer. @param spent nobody holds bytes of the leased one any more */
  release(spent: boolean): void {
    this.#next = shared
    this.#spent = spent
  }

  /** What is in the old buffer may be held for a while yet: it is not given back. */
  #grow(): void {
    this.#next = largePool.take()
    this.#spent = false
  }

  /** Node asks after each read. Its type knows only the first time; undefined means: the same again. */
  #turn(): Buffer | undefined {
    if (this.#next === this.#buffer && this.#started) return undefined
    this.#started = true
    // Only now nothing is read into the old one any more.
    if (this.#buffer !== shared && this.#spent)
      (this.#buffer.length === BYTES ? pool : largePool).give(this.#buffer)
    this.#buffer = this.#next
    return this.#buffer
  }
}
