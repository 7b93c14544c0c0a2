// An upstream's body that is stored as it flows, and that others than its own client may read on the way.
import type { Headers } from '../../lib/headers.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import { type Fill, FillReader } from './fill.ts'

/** In its client's place: the body is read for the store, or only for the others. */
const STORE: BodySink = { chunk: () => true, end() {}, error() {} }
const GONE: BodySink = { chunk: () => true, end() {}, error() {} }

/**
 * While nobody shares it, its own client takes the bytes as they come and holds the flow. From the first
 * other reader on each reads what is kept at its own pace, and the flow outlives the client that began it.
 */
export class SharedBody implements Body, BodySink {
  readonly length: number
  readonly fill: Fill
  readonly #source: Body
  /** Its own client, while that takes the bytes as they come. */
  #sink: BodySink | null = null
  /** The same, once others read, too. */
  #own: FillReader | null = null
  #held = false
  #shared = false
  #ended = false

  constructor(source: Body, fill: Fill) {
    this.length = source.length
    this.#source = source
    this.fill = fill
    fill.onRoom = () => this.#source.resume()
  }

  /** Somebody else wants it: it does not end with its client. */
  get goesOn(): boolean {
    return this.#shared && !this.#ended && this.fill.readers.size > 0
  }

  /** For a request that waits. @param leader whose client may leave from now on without ending the flow */
  reader(leader: Exchange): FillReader {
    const reader = new FillReader(this.fill, 0, () => this.#abandon())
    if (!this.#shared) {
      this.#shared = true
      leader.work = null
      if (this.#sink !== null && this.#held) {
        this.#letOwnRead(this.#sink)
        this.#source.resume()
      }
    }
    return reader
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#source.start(this)
  }

  /** Reads it for the store alone. */
  drain(): void {
    this.start(STORE)
  }

  resume(): void {
    this.#held = false
    if (this.#own !== null) this.#own.resume()
    else this.#source.resume()
  }

  cancel(): void {
    if (this.#own !== null) return this.#own.cancel()
    if (this.#ended) return
    const began = this.#sink !== null
    this.#sink = GONE
    if (this.fill.readers.size === 0) return this.#stop()
    if (!began) this.#source.start(this)
    else if (this.#held) this.#source.resume()
  }

  chunk(data: Buffer): boolean {
    const room = this.fill.take(data)
    if (this.#ended) return false
    const sink = this.#sink
    if (sink === null) return room
    if (sink.chunk(data)) return room
    this.#held = true
    if (!this.#shared) return false
    if (this.#sink === sink) this.#letOwnRead(sink)
    return room
  }

  end(trailers: Headers | null): void {
    if (this.#ended) return
    this.#ended = true
    this.fill.finish(true)
    this.#sink?.end(trailers)
  }

  error(error: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.fill.finish(false)
    this.#sink?.error(error)
  }

  /** Its client is slower than the flow: it reads what is kept, like everybody else. */
  #letOwnRead(sink: BodySink): void {
    this.#own = new FillReader(this.fill, this.fill.bytes, () => this.#abandon())
    this.#own.adopt(sink)
    this.#sink = null
  }

  /** The last one who wanted it has left. */
  #abandon(): void {
    if (this.fill.readers.size === 0 && (this.#own !== null || this.#sink === GONE)) this.#stop()
  }

  #stop(): void {
    if (this.#ended) return
    this.#ended = true
    this.fill.finish(false)
    this.#source.cancel()
  }
}
