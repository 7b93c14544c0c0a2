// The body of an HTTP/1.1 request as node:http delivers it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { nowMs } from '../../lib/clock.ts'
import { Headers } from '../../lib/headers.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import type { ClientLimits } from '../gate.ts'

/** After this long a body must have kept the minimum rate (Defaults of the design). */
const RATE_GRACE_MS = 20_000

export class IncomingBody implements Body {
  readonly length: number
  bytes = 0
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #limits: ClientLimits
  readonly #expectsContinue: boolean
  #sink: BodySink | null = null
  #timer: NodeJS.Timeout | null = null
  #startedMs = 0
  #held = false

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    length: number,
    expects: boolean,
    limits: ClientLimits,
  ) {
    this.#request = request
    this.#response = response
    this.length = length
    this.#expectsContinue = expects
    this.#limits = limits
  }

  start(sink: BodySink): void {
    this.#sink = sink
    this.#startedMs = nowMs()
    const request = this.#request
    if (this.#expectsContinue && !this.#response.headersSent) this.#response.writeContinue()
    this.#timer = setTimeout(() => this.#stalled(), this.#limits.bodyIdleMs)
    this.#timer.unref()
    request.on('data', (chunk: Buffer) => this.#data(chunk))
    request.on('end', () => this.#ended())
    request.on('error', () => this.#broken())
    request.on('close', () => this.#broken())
  }

  resume(): void {
    this.#held = false
    this.#timer?.refresh()
    this.#request.resume()
  }

  cancel(): void {
    this.#sink = null
    this.#stop()
    this.#request.pause()
  }

  #data(chunk: Buffer): void {
    this.bytes += chunk.length
    this.#timer?.refresh()
    if (this.#sink === null) return
    if (this.#tooSlow())
      return this.#fail(new ProxyError('client_timeout', 'the request body came too slowly'))
    if (this.#sink.chunk(chunk)) return
    this.#held = true
    this.#request.pause()
  }

  /** Slow senders hold a place for hours otherwise: slower than the minimum after the grace is too slow. */
  #tooSlow(): boolean {
    const ms = nowMs() - this.#startedMs
    return ms > RATE_GRACE_MS && (this.bytes * 1000) / ms < this.#limits.bodyMinBytesPerSecond && !this.#held
  }

  #ended(): void {
    const sink = this.#take()
    if (sink === null) return
    const { rawTrailers } = this.#request
    sink.end(rawTrailers.length > 0 ? Headers.from(rawTrailers) : null)
  }

  #broken(): void {
    if (!this.#request.complete)
      this.#fail(new ProxyError('client_aborted', 'the client left before its body ended'))
  }

  #stalled(): void {
    // Held back by us is not the client's fault.
    if (this.#held) this.#timer?.refresh()
    else this.#fail(new ProxyError('client_timeout', 'the request body stalled'))
  }

  #fail(error: ProxyError): void {
    this.#take()?.error(error)
  }

  #take(): BodySink | null {
    const sink = this.#sink
    this.#sink = null
    this.#stop()
    return sink
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}
