// The DATA frame under way: whose it is, and what of it nobody wants (RFC 9113 section 6.1).
import { H2 } from '../../lib/http2-codes.ts'
import type { LiveStream } from './live-stream.ts'
import type { Streams } from './streams.ts'

export class IncomingData {
  readonly #streams: Streams
  /** Null: nobody wants it. */
  #stream: LiveStream | null = null
  #left = 0
  /** It holds no data: nothing, or padding alone. */
  empty = false

  constructor(streams: Streams) {
    this.#streams = streams
  }

  /** Of an open stream, or of one that was. @returns 0, or why the stream is to be reset */
  begins(id: number, length: number, padding: number): number {
    this.#stream = null
    this.#left = length - padding
    this.empty = this.#left === 0
    const stream = this.#streams.find(id)
    const code = this.#taken(id, stream, length, padding)
    if (code === 0 && stream !== undefined) this.#stream = stream
    else this.#streams.consumed(length)
    return code
  }

  #taken(id: number, stream: LiveStream | undefined, length: number, padding: number): number {
    // What was under way when we reset the stream is nobody's fault.
    if (stream === undefined) return this.#streams.wasReset(id) ? 0 : H2.STREAM_CLOSED
    return stream.ended ? H2.STREAM_CLOSED : stream.counted(length, padding)
  }

  /** @param chunk lent @returns 0, or why the stream is to be reset */
  bytes(chunk: Buffer): number {
    if (this.#stream === null) return 0
    const code = this.#stream.received(chunk)
    if (code === 0) this.#left -= chunk.length
    else {
      this.#stream = null
      this.#streams.consumed(this.#left)
    }
    return code
  }

  /** @returns the stream, where it is still open and took it */
  ends(): LiveStream | null {
    const stream = this.#stream
    this.#stream = null
    return stream !== null && this.#streams.find(stream.id) === stream ? stream : null
  }
}
