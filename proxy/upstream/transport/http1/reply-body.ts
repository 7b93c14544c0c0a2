// A reply's body on its way from an upstream connection: held until somebody starts it.
import type { Headers } from '../../../lib/headers.ts'
import { ChunkDecoder, type ChunkSink } from '../../../lib/http1/chunked.ts'
import type { Body, BodySink } from '../../../pipeline/body.ts'
import { replyTrailers } from '../reply-trailers.ts'
import type { ReplyHead } from './reply-head.ts'

/** What the body may ask of its connection. */
export interface BodySource {
  hold(): void
  flow(): void
  /** The body has come whole. @param clean the connection holds nothing else */
  completed(clean: boolean): void
  /** Nobody wants the rest. */
  abandon(): void
}

/** Bytes that may wait for somebody to start the body. */
const EARLY_MAX = 64 * 1024

export class ReplyBody implements Body, ChunkSink {
  readonly length: number
  readonly #source: BodySource
  readonly #chunks: ChunkDecoder | null
  /** Bytes still to come, where the length is known. */
  #left: number
  #early: Buffer[] = []
  #earlyBytes = 0
  #sink: BodySink | null = null
  #flows = true
  #ended = false
  #error: Error | null = null
  #cancelled = false

  constructor(source: BodySource, { framing, length }: ReplyHead) {
    this.length = framing === 'length' ? length : -1
    this.#left = this.length
    this.#source = source
    this.#chunks = framing === 'chunked' ? new ChunkDecoder() : null
  }

  /** Nobody holds bytes of the last read any more. */
  get spent(): boolean {
    return this.#flows || this.#sink === null
  }

  /** Bytes from the connection. @returns '' or what is wrong with them */
  push(input: Buffer): string {
    if (this.#ended) return ''
    this.#flows = true
    if (this.#chunks !== null) return this.#pushChunks(this.#chunks, input)
    if (this.#left < 0) this.data(input)
    else {
      const clean = input.length <= this.#left
      const piece = clean ? input : input.subarray(0, this.#left)
      this.#left -= piece.length
      this.data(piece)
      if (this.#left === 0) return this.#finish(clean)
    }
    if (!this.#flows) this.#source.hold()
    return ''
  }

  /** The upstream ended the connection. @returns true when that is the body's proper end */
  connectionEnded(): boolean {
    if (this.#ended) return true
    if (this.#chunks !== null || this.#left >= 0) return false
    this.#finish(false)
    return true
  }

  fail(error: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#sink?.error(error)
  }

  start(sink: BodySink): void {
    this.#sink = sink
    const early = this.#early
    this.#early = []
    let flows = true
    for (const chunk of early) flows = sink.chunk(chunk) && flows
    if (this.#error !== null) sink.error(this.#error)
    else if (this.#ended) sink.end(this.#trailers())
    else if (flows) this.#source.flow()
  }

  resume(): void {
    if (!this.#ended) this.#source.flow()
  }

  cancel(): void {
    if (this.#cancelled) return
    this.#cancelled = true
    this.#sink = null
    if (this.#ended) return
    this.#ended = true
    this.#source.abandon()
  }

  data(chunk: Buffer): void {
    if (this.#sink !== null) {
      if (!this.#sink.chunk(chunk)) this.#flows = false
      return
    }
    this.#early.push(Buffer.from(chunk))
    this.#earlyBytes += chunk.length
    if (this.#earlyBytes > EARLY_MAX) this.#flows = false
  }

  /** All that came before anybody started, as one; null when it is not whole or has trailers. */
  takeWhole(): Buffer | null {
    if (!this.#ended || this.#error !== null || this.#trailers() !== null) return null
    return this.#early.length === 1 ? this.#early[0]! : Buffer.concat(this.#early)
  }

  #pushChunks(chunks: ChunkDecoder, input: Buffer): string {
    const used = chunks.push(input, this)
    if (chunks.problem !== '') return `invalid reply: ${chunks.problem.replaceAll('_', ' ')}`
    if (chunks.done) return this.#finish(used === input.length)
    if (!this.#flows) this.#source.hold()
    return ''
  }

  #finish(clean: boolean): '' {
    this.#ended = true
    this.#source.completed(clean)
    this.#sink?.end(this.#trailers())
    return ''
  }

  #trailers(): Headers | null {
    return replyTrailers(this.#chunks?.trailers ?? null)
  }
}
