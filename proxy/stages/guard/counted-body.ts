// A request body whose length nobody announced, counted as it flows and cut at the limit.
import type { Headers } from '../../lib/headers.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'

export class CountedBody implements Body, BodySink {
  readonly length = -1
  readonly #source: Body
  readonly #maxBytes: number
  readonly #exceeded: () => Error
  #sink!: BodySink
  #bytes = 0
  #open = true

  /** @param exceeded makes the error that the reader gets when more than `maxBytes` come */
  constructor(source: Body, maxBytes: number, exceeded: () => Error) {
    this.#source = source
    this.#maxBytes = maxBytes
    this.#exceeded = exceeded
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#source.start(this)
  }

  resume(): void {
    this.#source.resume()
  }

  cancel(error?: Error): void {
    this.#open = false
    this.#source.cancel(error)
  }

  chunk(data: Buffer): boolean {
    if (!this.#open) return false
    this.#bytes += data.length
    if (this.#bytes <= this.#maxBytes) return this.#sink.chunk(data)
    const error = this.#exceeded()
    this.cancel(error)
    this.#sink.error(error)
    return false
  }

  end(trailers: Headers | null): void {
    if (!this.#open) return
    this.#open = false
    this.#sink.end(trailers)
  }

  error(error: Error): void {
    if (!this.#open) return
    this.#open = false
    this.#sink.error(error)
  }
}
