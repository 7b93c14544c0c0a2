// A whole body given out in slices: a client that reads slowly is seen to read, and one that does not holds little.
import type { Body, BodySink } from '../../pipeline/body.ts'

export class SlicedBody implements Body {
  readonly length: number
  readonly #bytes: Buffer
  readonly #sliceBytes: number
  #at = 0
  #sink: BodySink | null = null
  #running = false

  constructor(bytes: Buffer, sliceBytes: number) {
    this.#bytes = bytes
    this.length = bytes.length
    this.#sliceBytes = sliceBytes
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.resume()
  }

  resume(): void {
    if (this.#running) return
    this.#running = true
    let flows = true
    while (flows && this.#sink !== null && this.#at < this.#bytes.length) {
      const slice = this.#bytes.subarray(this.#at, this.#at + this.#sliceBytes)
      this.#at += slice.length
      flows = this.#sink.chunk(slice)
    }
    this.#running = false
    if (this.#at < this.#bytes.length) return
    const sink = this.#sink
    this.#sink = null
    sink?.end(null)
  }

  cancel(): void {
    this.#sink = null
  }
}
