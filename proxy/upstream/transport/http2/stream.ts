// One request on a stream of its own: sent, its reply read with suspicion, both bodies flowing at the same time.
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import type { LinkedDue } from '../../../lib/brief-deadlines.ts'
import { nowMs } from '../../../lib/clock.ts'
import type { Headers } from '../../../lib/headers.ts'
import { END_STREAM, H2 } from '../../../lib/http2-codes.ts'
import type { Body, BodySink } from '../../../pipeline/body.ts'
import { ProxyError } from '../../../pipeline/errors.ts'
import { Reply } from '../../../pipeline/reply.ts'
import { replyTrailers } from '../reply-trailers.ts'
import type { Outgoing } from '../transport.ts'
import { Patience, type StreamTimes } from './patience.ts'
import { readHttp2ReplyHead } from './reply-head.ts'
import { Http2RequestBody, type RequestBodyOwner } from './request-body.ts'
import { requestHead } from './request-head.ts'
import { streamError } from './stream-error.ts'

/** More interim responses than this are a bug or an attack. */
const MAX_INTERIM = 16

/** What a stream needs to know of its session. */
export interface StreamHost {
  readonly session: ClientHttp2Session
  readonly scheme: string
  readonly reused: boolean
  /** Above it the upstream acts on no stream: GOAWAY's last-stream-id. */
  readonly lastStreamId: number
  /** The session's end came from the connection's. */
  readonly lost: Error | null
  heard(): void
  streamClosed(stream: UpstreamStream): void
}

/** The pool that made it. */
export interface StreamOwner {
  readonly target: StreamTimes
  /** `host:port`, for sentences. */
  readonly place: string
  /** A connection is being opened. */
  readonly dialing: boolean
  /** Whatever its end: it has no deadline any more. */
  over(stream: UpstreamStream): void
}

export class UpstreamStream implements LinkedDue, Body, RequestBodyOwner {
  deadlineMs: number
  before: LinkedDue | null = null
  after: LinkedDue | null = null
  length = -1
  readonly out: Outgoing
  readonly #owner: StreamOwner
  readonly #patience: Patience
  #host: StreamHost | null = null
  #stream: ClientHttp2Stream | null = null
  #requestBody: Http2RequestBody | null = null
  #state: 'waiting' | 'answered' | 'over' = 'waiting'
  #sink: BodySink | null = null
  #trailers: Headers | null = null
  #error: ProxyError | null = null
  /** The reply came whole, before anybody started its body. */
  #ended = false
  #bytes = 0
  #interim = 0

  constructor(out: Outgoing, owner: StreamOwner) {
    this.out = out
    this.#owner = owner
    this.#patience = new Patience(out.headers, out.eventStream, owner.target)
    this.deadlineMs = nowMs() + owner.target.connectMs
    out.cancel = () => this.#giveUp()
  }

  /** Nobody waits for it any more. */
  get over(): boolean {
    return this.#state === 'over'
  }

  begin(host: StreamHost): void {
    const { out } = this
    this.#host = host
    out.attempt.reused = host.reused
    out.attempt.connectedUs = this.#elapsedUs()
    try {
      const bodiless = out.body === null
      const options = { endStream: bodiless, waitForTrailers: !bodiless }
      this.#listen(host.session.request(requestHead(out, host.scheme), options))
    } catch (error) {
      const { message } = error as Error
      this.fail(new ProxyError('http_request_error', `request refused by the transport: ${message}`))
      return host.streamClosed(this)
    }
    this.#wait()
    if (out.body === null) return
    this.#requestBody = new Http2RequestBody(out.body, this.#stream!, this)
    this.#requestBody.start()
  }

  onDeadline(): void {
    if (this.#host === null) {
      const { dialing, place } = this.#owner
      const text = `${dialing ? 'connect timed out' : 'no connection had room in time'} (${place})`
      const type = dialing ? 'connection_timeout' : 'connection_limit_reached'
      this.fail(new ProxyError(type, text, { unsent: true }))
    } else if (this.#state === 'waiting')
      this.fail(new ProxyError('http_response_timeout', `no reply head in time (${this.#owner.place})`))
    else this.fail(new ProxyError('connection_read_timeout', `the reply stalled (${this.#owner.place})`))
  }

  /** The request is lost, whatever had come of its reply. */
  fail(error: ProxyError): void {
    const state = this.#state
    if (state === 'over') return
    this.#finish(false)
    this.#stream?.close(H2.CANCEL)
    // Whoever sent it must have heard that it was taken.
    if (state === 'waiting') return queueMicrotask(() => this.out.failed(error))
    this.#error = error
    this.#take()?.error(error)
  }

  bodyMoved(): void {
    if (this.#state === 'waiting') this.#wait()
    else if (this.deadlineMs !== Number.POSITIVE_INFINITY) this.#quiet()
  }

  bodyFailed(error: Error): void {
    const known = error instanceof ProxyError
    this.fail(known ? error : new ProxyError('http_request_error', error.message, { cause: error }))
  }

  start(sink: BodySink): void {
    if (this.#error !== null) return sink.error(this.#error)
    this.#sink = sink
    const stream = this.#stream!
    this.#quiet()
    stream.on('data', (chunk: Buffer) => this.#data(chunk))
    // It may have been read to its end to see that nothing followed.
    if (this.#ended) this.#take()?.end(this.#trailers)
  }

  resume(): void {
    if (this.#state !== 'answered') return
    this.#quiet()
    this.#stream!.resume()
  }

  cancel(): void {
    this.#sink = null
    if (this.#state === 'over') return
    this.#finish(false)
    this.#stream!.close(H2.CANCEL)
  }

  #listen(stream: ClientHttp2Stream): void {
    this.#stream = stream
    stream.on('response', (_fields, flags, raw) => this.#head(raw as unknown as string[], flags))
    stream.on('headers', (_fields, _flags, raw) => this.#interimHead(raw as unknown as string[]))
    stream.on('trailers', (_fields, _flags, raw) => {
      this.#trailers = replyTrailers(raw as unknown as string[])
    })
    stream.on('end', () => this.#endCame())
    stream.on('error', () => {})
    stream.on('close', () => this.#closed())
  }

  #head(raw: string[], flags: number): void {
    if (this.#state !== 'waiting') return
    this.#host!.heard()
    const head = readHttp2ReplyHead(raw)
    if (typeof head === 'string' || head.status < 200) return this.#invalid(head)
    const { out } = this
    out.attempt.headUs = this.#elapsedUs()
    this.#state = 'answered'
    this.length = head.length
    const none = head.status === 204 || head.status === 304 || out.method === 'HEAD'
    if (none || head.length === 0 || (flags & END_STREAM) !== 0) {
      this.length = none ? -1 : head.length
      this.#stream!.resume()
      return this.out.replied(new Reply(head.status, head.headers, null), nowMs())
    }
    this.#quiet()
    this.out.replied(new Reply(head.status, head.headers, this), nowMs())
  }

  #interimHead(raw: string[]): void {
    if (this.#state !== 'waiting') return
    this.#host!.heard()
    const head = readHttp2ReplyHead(raw)
    if (typeof head === 'string') return this.#invalid(head)
    if (++this.#interim > MAX_INTERIM) return this.#invalid('invalid reply: too many interim responses')
    if (head.status > 101) this.out.onInterim(head.status, head.headers)
  }

  #invalid(why: unknown): void {
    const text = typeof why === 'string' ? why : 'invalid reply: an interim response that ends it'
    this.fail(new ProxyError('http_protocol_error', `${text} (${this.#owner.place})`))
  }

  #data(chunk: Buffer): void {
    this.#bytes += chunk.length
    this.#host!.heard()
    const sink = this.#sink
    if (sink === null) return
    if (sink.chunk(chunk)) return this.#quiet()
    if (this.#state !== 'answered') return
    this.deadlineMs = Number.POSITIVE_INFINITY
    this.#stream!.pause()
  }

  /** RFC 9113 section 8.1.1: DATA that is not as long as Content-Length says is no whole message. */
  #endCame(): void {
    if (this.#state !== 'answered') return
    if (this.length >= 0 && this.#bytes !== this.length) {
      const text = `the reply differs from its Content-Length (${this.#owner.place})`
      return this.fail(new ProxyError('http_response_incomplete', text))
    }
    const { rstCode } = this.#stream!
    if (rstCode !== H2.NO_ERROR) return
    this.#ended = true
    const unfinished = this.#requestBody !== null && !this.#requestBody.sent
    this.#finish(true)
    // RFC 9113 section 8.1: the answer is whole, so the rest of the request is not wanted.
    if (unfinished) this.#stream!.close(H2.CANCEL)
    this.#take()?.end(this.#trailers)
  }

  #closed(): void {
    const host = this.#host!
    if (this.#state !== 'over') {
      const { rstCode: code = 0, id } = this.#stream!
      const answered = this.#state === 'answered'
      const begun = this.#interim > 0
      const { place } = this.#owner
      const unprocessed = id === undefined || id > host.lastStreamId
      const stale = host.reused && host.lost !== null
      this.fail(streamError({ code, answered, begun, unprocessed, stale, place }, host.lost ?? undefined))
    }
    host.streamClosed(this)
  }

  #giveUp(): void {
    this.fail(new ProxyError('client_aborted', 'given up'))
  }

  #take(): BodySink | null {
    const sink = this.#sink
    this.#sink = null
    return sink
  }

  /** The request is over: once, whatever its end. */
  #finish(complete: boolean): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.deadlineMs = Number.POSITIVE_INFINITY
    this.#requestBody?.stop()
    this.out.cancel = null
    this.#owner.over(this)
    this.out.onDone(complete, nowMs())
  }

  #wait(): void {
    const sent = this.#requestBody?.sent ?? this.out.body === null
    this.deadlineMs = nowMs() + this.#patience.untilHeadMs(sent)
  }

  #quiet(): void {
    this.deadlineMs = nowMs() + this.#patience.quietMs
  }

  #elapsedUs(): number {
    return Math.round((nowMs() - this.out.startMs) * 1000)
  }
}
