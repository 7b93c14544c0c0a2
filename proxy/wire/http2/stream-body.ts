// The body of an HTTP/2 request: a stream's DATA, held back by its flow-control window.
import type { ServerHttp2Stream } from 'node:http2'
import type { ClientLimits } from '../../lib/client-limits.ts'
import { isGrpc } from '../../lib/grpc.ts'
import { Headers } from '../../lib/headers.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import type { RequestHead } from '../../pipeline/exchange.ts'

export class StreamBody implements Body {
  readonly length: number
  bytes = 0
  /** It has come whole. */
  complete = false
  readonly #stream: ServerHttp2Stream
  readonly #head: RequestHead
  readonly #limits: ClientLimits
  #sink: BodySink | null = null
  #trailers: Headers | null = null
  #timer: NodeJS.Timeout | null = null
  #held = false

  constructor(stream: ServerHttp2Stream, length: number, head: RequestHead, limits: ClientLimits) {
    this.length = length
    this.#stream = stream
    this.#head = head
    this.#limits = limits
  }

  start(sink: BodySink): void {
    this.#sink = sink
    const stream = this.#stream
    if (stream.destroyed || stream.closed) return this.#broken()
    if (this.#head.expectsContinue && !stream.headersSent) stream.additionalHeaders({ ':status': 100 })
    // A gRPC stream may be silent for long, either way; its upstream's side keeps the time.
    if (!isGrpc(this.#head.headers))
      this.#timer = setTimeout(() => this.#stalled(), this.#limits.bodyIdleMs).unref()
    stream.on('data', (chunk: Buffer) => this.#data(chunk))
    stream.on('trailers', (_fields, _flags, raw?: string[]) => {
      if (raw !== undefined && raw.length > 0) this.#trailers = Headers.from(raw)
    })
    stream.on('end', () => this.#ended())
    stream.on('aborted', () => this.#broken())
    stream.on('close', () => this.#broken())
  }

  resume(): void {
    this.#held = false
    this.#stream.resume()
  }

  cancel(): void {
    this.#sink = null
    this.#stop()
    this.#stream.pause()
  }

  #data(chunk: Buffer): void {
    this.bytes += chunk.length
    this.#timer?.refresh()
    if (this.#sink === null || this.#sink.chunk(chunk)) return
    this.#held = true
    this.#stream.pause()
  }

  #ended(): void {
    // A reset stream ends as well: only what the client ended itself is whole.
    if (this.#stream.aborted || this.#stream.rstCode !== 0) return this.#broken()
    // RFC 9113 section 8.1.1: a length that is not the sum of DATA makes the message malformed.
    if (this.length >= 0 && this.bytes !== this.length) {
      return this.#fail(new ProxyError('malformed_request', 'the body differs from its Content-Length'))
    }
    this.complete = true
    this.#take()?.end(this.#trailers)
  }

  #broken(): void {
    this.#fail(new ProxyError('client_aborted', 'the client left before its body ended'))
  }

  /** Only the client's own silence counts: not while it is held, nor once its reply flows. */
  #stalled(): void {
    if (this.#held || this.#stream.headersSent) this.#timer?.refresh()
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
