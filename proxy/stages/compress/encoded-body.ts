// A body encoded as it flows: back-pressure both ways, and nothing is held back while the source pauses.
import type { Transform } from 'node:stream'
import type { Zlib } from 'node:zlib'
import type { Headers } from '../../lib/headers.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'

export class EncodedBody implements Body, BodySink {
  readonly length = -1
  readonly #source: Body
  readonly #encoder: Transform & Zlib
  readonly #flushKind: number
  #sink!: BodySink
  #trailers: Headers | null = null
  #open = true
  #chunks = 0
  #watching = false

  constructor(source: Body, encoder: Transform & Zlib, flushKind: number) {
    this.#source = source
    this.#encoder = encoder
    this.#flushKind = flushKind
  }

  start(sink: BodySink): void {
    this.#sink = sink
    const encoder = this.#encoder
    encoder.on('data', (data: Buffer) => {
      if (this.#open && !sink.chunk(data)) encoder.pause()
    })
    encoder.on('drain', () => this.#open && this.#source.resume())
    encoder.on('error', error => {
      this.error(error)
      this.#source.cancel(error)
    })
    encoder.on('end', () => {
      if (!this.#open) return
      this.#open = false
      sink.end(this.#trailers)
    })
    this.#source.start(this)
  }

  resume(): void {
    this.#encoder.resume()
  }

  cancel(error?: Error): void {
    this.#close()
    this.#source.cancel(error)
  }

  chunk(data: Buffer): boolean {
    if (!this.#open) return false
    this.#chunks++
    // The encoder works in a thread of its own: what is lent must not change under it.
    const more = this.#encoder.write(Buffer.from(data))
    this.#watchForPause()
    return more
  }

  end(trailers: Headers | null): void {
    if (!this.#open) return
    this.#trailers = trailers
    this.#encoder.end()
  }

  error(error: Error): void {
    if (!this.#open) return
    this.#close()
    this.#sink.error(error)
  }

  /** When a turn of the event loop brought nothing more, the client gets all that has come so far. */
  #watchForPause(): void {
    if (this.#watching) return
    this.#watching = true
    const seen = this.#chunks
    setImmediate(() => {
      this.#watching = false
      if (!this.#open || this.#encoder.writableEnded) return
      if (this.#chunks !== seen) this.#watchForPause()
      else this.#encoder.flush(this.#flushKind)
    })
  }

  #close(): void {
    this.#open = false
    this.#encoder.destroy()
  }
}
