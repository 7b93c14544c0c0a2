// The client's end of an HTTP/2 exchange: a Reply onto a stream.
import { EventEmitter } from 'node:events'
import type { ServerHttp2Stream, ServerStreamResponseOptions } from 'node:http2'
import type { BriefDeadlines, LinkedDue } from '../../lib/brief-deadlines.ts'
import { nowMs } from '../../lib/clock.ts'
import { readGrpcStatus } from '../../lib/grpc.ts'
import type { Headers } from '../../lib/headers.ts'
import { H2 } from '../../lib/http2-codes.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import type { ClientEnd, Exchange } from '../../pipeline/exchange.ts'
import { abort } from '../../pipeline/handle.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { Gate } from '../gate.ts'
import { fieldsByName, flatFields } from './fields.ts'
import { SlicedBody } from './sliced-body.ts'
import type { StreamBody } from './stream-body.ts'

/** A client that opens no window for this long holds memory for nothing. */
const STALL_MS = 30_000
/** What a stream may hold for a client that does not read. */
const BUFFERED_MAX = 64 * 1024
const FOREVER = Number.POSITIVE_INFINITY
const EMPTY = { endStream: true } as const
const WHOLE = {} as const
/** Without trailers to wait for, node:http2 ends a stream cleanly before it resets it: half would pass for whole. */
const STREAMED = { waitForTrailers: true } as const

/** As `stream.on`, for events of which a Readable takes no notice of its own. */
export const listen = EventEmitter.prototype.on

/** The connection that the stream is one of. */
export interface StreamHost {
  readonly deadlines: BriefDeadlines
  /** One of its streams has closed. @param atMs monotonic milliseconds */
  ended(atMs: number): void
}

export class Http2End implements ClientEnd, BodySink, LinkedDue {
  deadlineMs = FOREVER
  before: LinkedDue | null = null
  after: LinkedDue | null = null
  readonly #stream: ServerHttp2Stream
  readonly #incoming: StreamBody | null
  readonly #gate: Gate
  readonly #host: StreamHost
  #x: Exchange | null = null
  #body: Body | null = null
  #trailers: Headers | null = null
  #complete = false

  constructor(stream: ServerHttp2Stream, incoming: StreamBody | null, gate: Gate, host: StreamHost) {
    this.#stream = stream
    this.#incoming = incoming
    this.#gate = gate
    this.#host = host
    listen.call(stream, 'close', () => this.#closed())
  }

  attach(x: Exchange): void {
    this.#x = x
  }

  send(x: Exchange, reply: Reply): void {
    this.#x = x
    const stream = this.#stream
    if (stream.destroyed || stream.closed) return reply.discard()
    const text = reply.takeText()
    const body = text === null ? reply.take() : null
    const { status, headers } = reply
    x.grpcStatus = readGrpcStatus(headers)
    if ((text ?? body) === null || x.method === 'HEAD' || status === 204 || status === 304) {
      this.#complete = this.#respond(status, headers, EMPTY)
      if (body !== null && !Buffer.isBuffer(body)) body.cancel()
      return this.#forgetRequest()
    }
    this.#host.deadlines.add(this)
    this.deadlineMs = nowMs() + STALL_MS
    if (text !== null || (Buffer.isBuffer(body) && body.length <= BUFFERED_MAX)) {
      if (!this.#respond(status, headers, WHOLE)) return
      x.outBytes = (text ?? body)!.length
      this.#complete = true
      if (text === null) stream.end(body)
      else stream.end(text, 'latin1')
      return this.#forgetRequest()
    }
    const flowing = Buffer.isBuffer(body) ? new SlicedBody(body, BUFFERED_MAX) : body!
    this.#body = flowing
    if (!this.#respond(status, headers, STREAMED)) return
    stream.on('drain', () => this.#drained())
    stream.on('wantTrailers', () => this.#sendTrailers())
    this.deadlineMs = FOREVER
    flowing.start(this)
  }

  interim(_x: Exchange, status: number, headers: Headers): void {
    if (this.#stream.headersSent || this.#stream.destroyed || status === 100) return
    try {
      this.#stream.additionalHeaders(fieldsByName(headers, { ':status': status }))
    } catch {
      // A hint that cannot be sent is no loss.
    }
  }

  /** A field that node:http2 will not send must cost this stream, not the worker. */
  #respond(status: number, headers: Headers, options: ServerStreamResponseOptions): boolean {
    try {
      this.#stream.respond(flatFields(status, headers), options)
      return true
    } catch (error) {
      this.error(new ProxyError('proxy_internal_error', (error as Error).message, { cause: error }))
      return false
    }
  }

  /** Lent bytes: node:http2 sends later. */
  chunk(data: Buffer): boolean {
    this.#x!.outBytes += data.length
    if (this.#stream.write(Buffer.from(data))) return true
    if (this.deadlineMs === FOREVER) this.deadlineMs = nowMs() + STALL_MS
    return false
  }

  end(trailers: Headers | null): void {
    this.#body = null
    this.#trailers = trailers
    if (trailers !== null && this.#x!.grpcStatus < 0) this.#x!.grpcStatus = readGrpcStatus(trailers)
    this.#complete = true
    this.deadlineMs = nowMs() + STALL_MS
    this.#stream.end()
  }

  /** RST_STREAM says that what came is not the whole (RFC 9113 section 8.1). */
  error(error: Error): void {
    const x = this.#x!
    this.#body?.cancel()
    this.#body = null
    if (!x.aborted) {
      x.error = error instanceof ProxyError ? error.type : 'http_response_incomplete'
      x.errorText = error.message
    }
    this.#stream.close(H2.INTERNAL_ERROR)
  }

  onDeadline(): void {
    this.#complete = false
    this.#stream.close(H2.CANCEL)
  }

  #drained(): void {
    this.deadlineMs = this.#complete ? nowMs() + STALL_MS : FOREVER
    this.#body?.resume()
  }

  #sendTrailers(): void {
    this.#stream.sendTrailers(this.#trailers === null ? {} : fieldsByName(this.#trailers))
    // Trailers leave in the next round of the event loop.
    if (this.#incoming !== null && !this.#incoming.complete) setImmediate(() => this.#forgetRequest())
  }

  /** The answer is whole before the request is: the rest is not wanted (RFC 9113 section 8.1). */
  #forgetRequest(): void {
    const incoming = this.#incoming
    if (incoming !== null && !incoming.complete) this.#stream.close(H2.NO_ERROR)
  }

  #closed(): void {
    this.#host.deadlines.remove(this)
    const x = this.#x
    if (x === null) return this.#host.ended(nowMs())
    x.inBytes = this.#incoming?.bytes ?? 0
    const cut = !this.#complete || this.#stream.rstCode !== H2.NO_ERROR
    if (cut && x.error === '') abort(x)
    else if (cut) x.aborted = true
    this.#body?.cancel()
    this.#gate.finished(x)
    this.#host.ended(x.atMs)
  }
}
