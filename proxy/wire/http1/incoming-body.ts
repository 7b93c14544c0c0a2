// The body of an HTTP/1.1 request: decoded as it arrives, held until somebody starts it.
import { nowMs } from '../../lib/clock.ts'
import { Headers } from '../../lib/headers.ts'
import { ChunkDecoder, type ChunkSink } from '../../lib/http1/chunked.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import { ProxyError } from '../../pipeline/errors.ts'

/** What the body may ask of its connection. */
export interface BodyOwner {
  /** Somebody wants the body: the client may be waiting for a 100. */
  bodyStarted(): void
  holdBody(): void
  flowBody(): void
}

/** Bytes that may wait for somebody to start the body. */
const EARLY_MAX = 64 * 1024
/** After this long a body must have kept the minimum rate (Defaults of the design). */
const RATE_GRACE_MS = 20_000

export class IncomingBody implements Body, ChunkSink {
  readonly length: number
  /** Decoded bytes so far. */
  bytes = 0
  /** The last byte has come. */
  complete = false
  readonly #owner: BodyOwner
  readonly #chunks: ChunkDecoder | null
  readonly #minBytesPerSecond: number
  #left: number
  #early: Buffer[] = []
  #sink: BodySink | null = null
  #error: ProxyError | null = null
  #wanted = true
  #held = false
  #startedMs = 0

  /** @param length −1: chunked */
  constructor(owner: BodyOwner, length: number, minBytesPerSecond: number) {
    this.#owner = owner
    this.length = length
    this.#left = length
    this.#chunks = length < 0 ? new ChunkDecoder() : null
    this.#minBytesPerSecond = minBytesPerSecond
  }

  /** True: the reader of what came last still holds it. */
  get held(): boolean {
    return this.#held
  }

  /** True while the next byte is the client's to send. */
  get waiting(): boolean {
    return !this.complete && this.#error === null && !this.#held && this.#sink !== null
  }

  /** '' while the bytes so far may be a body, else a stable word. */
  get problem(): string {
    return this.#chunks?.problem ?? ''
  }

  /** @returns how many bytes of `input` were the body's */
  push(input: Buffer): number {
    if (this.complete || this.#error !== null) return 0
    if (this.#chunks !== null) return this.#pushChunks(this.#chunks, input)
    const used = Math.min(input.length, this.#left)
    this.#left -= used
    this.data(used === input.length ? input : input.subarray(0, used))
    if (this.#left === 0) this.#finish()
    return used
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#startedMs = nowMs()
    if (this.#error !== null) return sink.error(this.#error)
    const early = this.#early
    this.#early = []
    let flows = true
    for (const chunk of early) flows = sink.chunk(chunk) && flows
    if (this.complete) return sink.end(this.#trailers())
    this.#owner.bodyStarted()
    this.#held = !flows
    if (flows) this.#owner.flowBody()
  }

  resume(): void {
    if (!this.#held) return
    this.#held = false
    if (!this.complete) this.#owner.flowBody()
  }

  cancel(): void {
    this.#wanted = false
    this.#sink = null
    this.#early = []
  }

  /** The body will not come whole. */
  fail(error: ProxyError): void {
    if (this.complete || this.#error !== null) return
    this.#error = error
    const sink = this.#sink
    this.#sink = null
    sink?.error(error)
  }

  data(chunk: Buffer): void {
    this.bytes += chunk.length
    if (!this.#wanted || chunk.length === 0) return
    if (this.#sink === null) {
      this.#early.push(Buffer.from(chunk))
      if (this.bytes > EARLY_MAX) this.#owner.holdBody()
    } else if (this.#tooSlow())
      this.fail(new ProxyError('client_timeout', 'the request body came too slowly'))
    else if (!this.#sink.chunk(chunk)) {
      this.#held = true
      this.#owner.holdBody()
    }
  }

  /** Slow senders hold a place for hours otherwise. */
  #tooSlow(): boolean {
    const ms = nowMs() - this.#startedMs
    return ms > RATE_GRACE_MS && (this.bytes * 1000) / ms < this.#minBytesPerSecond
  }

  #pushChunks(chunks: ChunkDecoder, input: Buffer): number {
    const used = chunks.push(input, this)
    if (chunks.problem !== '') {
      const large = chunks.problem === 'chunk_extension_too_large'
      const message = large
        ? 'a chunk extension is too large'
        : `the chunked body is malformed (${chunks.problem})`
      this.fail(new ProxyError('malformed_request', message, large ? { status: 413 } : {}))
    } else if (chunks.done) this.#finish()
    return used
  }

  #finish(): void {
    this.complete = true
    this.#sink?.end(this.#trailers())
  }

  /** Read and checked; which of them an upstream gets: `upstream/request-trailers.ts`. */
  #trailers(): Headers | null {
    const trailers = this.#chunks?.trailers ?? null
    return trailers === null ? null : new Headers(trailers)
  }
}
