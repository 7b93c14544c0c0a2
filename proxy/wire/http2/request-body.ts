// The body of an HTTP/2 request: DATA as it comes, held back by the stream's window (RFC 9113 section 5.2).
import type { LinkedDue } from '../../lib/brief-deadlines.ts'
import type { ClientLimits } from '../../lib/client-limits.ts'
import { nowMs } from '../../lib/clock.ts'
import { Headers } from '../../lib/headers.ts'
import { H2 } from '../../lib/http2-codes.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import { ByteQueue } from './byte-queue.ts'
import type { StreamHost } from './live-stream.ts'
import { ReceiveWindow } from './receive-window.ts'

/** After this long a body must have kept the minimum rate (Defaults of the design). */
const RATE_GRACE_MS = 20_000
const FOREVER = Number.POSITIVE_INFINITY

/** Whose body it is. */
export interface BodyStream {
  readonly id: number
  /** Somebody wants the body: the client may be waiting for a 100. */
  bodyStarted(): void
  /** The final head has left. */
  readonly answering: boolean
}

export class RequestBody implements Body, LinkedDue {
  readonly length: number
  bytes = 0
  complete = false
  deadlineMs = FOREVER
  before: LinkedDue | null = null
  after: LinkedDue | null = null
  readonly #stream: BodyStream
  readonly #host: StreamHost
  readonly #limits: ClientLimits
  /** A gRPC stream may be silent for long, either way; its upstream's side keeps the time. */
  readonly #patient: boolean
  #sink: BodySink | null = null
  #error: ProxyError | null = null
  #wanted = true
  /** The sink wants no more just now; bytes that it holds. */
  #held = 0
  #holds = false
  #queue: ByteQueue | null = null
  #trailers: Headers | null = null
  readonly #window: ReceiveWindow
  #startedMs = 0

  /** @param length −1: not announced */
  constructor(stream: BodyStream, length: number, host: StreamHost, patient: boolean) {
    this.length = length
    this.#stream = stream
    this.#host = host
    this.#limits = host.gate.limits
    this.#patient = patient
    this.#window = new ReceiveWindow(stream.id, host)
  }

  /** @param padding of these bytes @returns 0, or why the stream is to be reset */
  counted(bytes: number, padding: number): number {
    return this.#window.counted(bytes, padding)
  }

  /** @returns 0, or why the stream is to be reset */
  push(chunk: Buffer): number {
    this.bytes += chunk.length
    // RFC 9113 section 8.1.1: a length that is not the sum of DATA makes the message malformed.
    if (this.length >= 0 && this.bytes > this.length) return H2.PROTOCOL_ERROR
    if (this.deadlineMs !== FOREVER) this.deadlineMs = nowMs() + this.#limits.bodyIdleMs
    if (!this.#wanted || this.#error !== null) this.#window.used(chunk.length)
    else if (this.#sink === null || this.#holds) (this.#queue ??= new ByteQueue()).push(chunk)
    else if (!this.#tooSlow()) this.#give(chunk)
    else {
      this.#window.used(chunk.length)
      this.fail(new ProxyError('client_timeout', 'the request body came too slowly'))
    }
    return 0
  }

  /** The client has ended it. @returns 0, or why the stream is to be reset */
  finish(trailers: string[] | null): number {
    if (this.length >= 0 && this.bytes !== this.length) return H2.PROTOCOL_ERROR
    this.complete = true
    this.#window.close()
    if (trailers !== null && trailers.length > 0) this.#trailers = new Headers(trailers)
    this.#end()
    return 0
  }

  start(sink: BodySink): void {
    this.#sink = sink
    if (this.#error !== null) return sink.error(this.#error)
    if (!this.complete) {
      this.#stream.bodyStarted()
      if (!this.#patient) {
        this.#startedMs = nowMs()
        this.deadlineMs = this.#startedMs + this.#limits.bodyIdleMs
        this.#host.deadlines.add(this)
      }
    }
    this.#flow()
  }

  resume(): void {
    if (!this.#holds) return
    this.#holds = false
    if (!this.complete && this.deadlineMs === FOREVER && !this.#patient)
      this.deadlineMs = nowMs() + this.#limits.bodyIdleMs
    this.#window.used(this.#held)
    this.#held = 0
    this.#flow()
  }

  cancel(): void {
    this.#wanted = false
    this.#sink = null
    this.#release()
  }

  /** It will not come whole. */
  fail(error: ProxyError): void {
    if (this.complete || this.#error !== null) return
    this.#error = error
    const sink = this.#sink
    this.#sink = null
    this.#release()
    sink?.error(error)
  }

  /** Only the client's own silence counts: not while it is held, nor once its reply flows. */
  onDeadline(): void {
    if (this.complete || this.#holds || this.#sink === null) return
    if (this.#stream.answering) this.deadlineMs = nowMs() + this.#limits.bodyIdleMs
    else this.fail(new ProxyError('client_timeout', 'the request body stalled'))
  }

  #flow(): void {
    const queue = this.#queue
    while (queue !== null && queue.bytes > 0 && !this.#holds && this.#sink !== null)
      this.#give(queue.shift()!)
    this.#end()
  }

  #give(chunk: Buffer): void {
    if (this.#sink!.chunk(chunk)) return this.#window.used(chunk.length)
    this.#held += chunk.length
    this.#holds = true
    this.deadlineMs = FOREVER
  }

  #end(): void {
    const waits = this.#queue !== null && this.#queue.bytes > 0
    if (!this.complete || waits || this.#holds || this.#sink === null) return
    const sink = this.#sink
    this.#sink = null
    this.#host.deadlines.remove(this)
    sink.end(this.#trailers)
  }

  #release(): void {
    this.#window.close()
    const bytes = this.#held + (this.#queue?.bytes ?? 0)
    this.#held = 0
    this.#queue = null
    this.#host.deadlines.remove(this)
    this.#window.used(bytes)
  }

  /** Slow senders hold a place for hours otherwise. */
  #tooSlow(): boolean {
    if (this.#patient) return false
    const ms = nowMs() - this.#startedMs
    return ms > RATE_GRACE_MS && (this.bytes * 1000) / ms < this.#limits.bodyMinBytesPerSecond
  }
}
