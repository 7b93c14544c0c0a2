// What a client may send on one stream, opened as somebody takes it (RFC 9113 section 5.2).
import { H2 } from '../../lib/http2-codes.ts'
import { windowUpdate } from './frames.ts'
import type { StreamHost } from './live-stream.ts'

/** What a fast client needs on a long line. */
export const STREAM_WINDOW = 256 * 1024

export class ReceiveWindow {
  readonly #id: number
  readonly #host: StreamHost
  #left = STREAM_WINDOW
  /** What came and is used up since the client was last told. */
  #credit = 0
  #open = true

  constructor(id: number, host: StreamHost) {
    this.#id = id
    this.#host = host
  }

  /** So many bytes of DATA came. @param padding of these bytes @returns 0, or why the stream is to be reset */
  counted(bytes: number, padding: number): number {
    this.#left -= bytes
    if (this.#left < 0) return H2.FLOW_CONTROL_ERROR
    this.used(padding)
    return 0
  }

  /** Somebody has taken them: the client may send as many more, and is told so in halves of the window. */
  used(bytes: number): void {
    if (bytes === 0) return
    this.#host.consumed(bytes)
    this.#credit += bytes
    if (!this.#open || this.#credit < STREAM_WINDOW / 2) return
    this.#left += this.#credit
    this.#host.outbox.add(windowUpdate(this.#id, this.#credit))
    this.#credit = 0
  }

  /** Nothing more comes, or nothing more is wanted: what is used up is only the connection's again. */
  close(): void {
    this.#open = false
  }
}
