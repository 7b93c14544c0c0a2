// A message body: a source that flows until told to hold, and the taps that watch it pass.
import type { Headers } from '../lib/headers.ts'

/** Where a body's bytes come from. Nothing flows before `start`. */
export interface Body {
  /** Bytes in all, or −1 when only the end will tell. */
  readonly length: number
  /** Begin; called once. Chunks may arrive before this returns. */
  start(sink: BodySink): void
  /** Flow again after `sink.chunk` returned false. */
  resume(): void
  /** Nobody wants the rest: release what stands behind it. Safe to call at any time, any number of times. */
  cancel(error?: Error): void
}

/** Where they go. After `end` or `error` nothing more is called. */
export interface BodySink {
  /**
   * `data` is lent: it is the reader's buffer, and valid until this returns, or, where it returns false, until
   * `resume()`. Who keeps bytes for longer copies them. More of what the source had read already may come after
   * false, on the same terms.
   * @returns false to hold the source until `resume()`
   */
  chunk(data: Buffer): boolean
  end(trailers: Headers | null): void
  /** The body broke off: what came is not the whole. */
  error(error: Error): void
}

/** Watches a body go by: a byte count, a cache fill. Adds no stream and cannot hold the flow. */
export interface Tap {
  /** `data` is lent: to be copied where it is kept. */
  chunk(data: Buffer): void
  /** @param complete false when the body was cut short or nobody read it to its end */
  end(complete: boolean): void
}

/** Wraps a body so that taps see what the sink sees. */
export class TappedBody implements Body, BodySink {
  readonly length: number
  readonly #source: Body
  readonly #taps: readonly Tap[]
  #sink!: BodySink
  #open = true

  constructor(source: Body, taps: readonly Tap[]) {
    this.length = source.length
    this.#source = source
    this.#taps = taps
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#source.start(this)
  }

  resume(): void {
    this.#source.resume()
  }

  cancel(error?: Error): void {
    this.#close(false)
    this.#source.cancel(error)
  }

  chunk(data: Buffer): boolean {
    for (const tap of this.#taps) tap.chunk(data)
    return this.#sink.chunk(data)
  }

  end(trailers: Headers | null): void {
    this.#close(true)
    this.#sink.end(trailers)
  }

  error(error: Error): void {
    this.#close(false)
    this.#sink.error(error)
  }

  #close(complete: boolean): void {
    if (!this.#open) return
    this.#open = false
    for (const tap of this.#taps) tap.end(complete)
  }
}
