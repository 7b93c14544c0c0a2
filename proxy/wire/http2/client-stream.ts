// One exchange with a client: the request's body on its way in, the Reply on its way out as frames.
import type { LinkedDue } from '../../lib/brief-deadlines.ts'
import { nowMs } from '../../lib/clock.ts'
import { readGrpcStatus } from '../../lib/grpc.ts'
import { Headers } from '../../lib/headers.ts'
import { H2 } from '../../lib/http2-codes.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import type { ClientEnd, Exchange, RequestHead } from '../../pipeline/exchange.ts'
import { abort } from '../../pipeline/handle.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { LiveStream, StreamHost } from './live-stream.ts'
import type { Sender } from './outbox.ts'
import { patience } from './patience.ts'
import { type BodyStream, RequestBody } from './request-body.ts'

const FOREVER = Number.POSITIVE_INFINITY
/** One stream's turn among those that wait for the connection. */
const TURN_BYTES = 64 * 1024
const CONTINUE = new Headers()

export class ClientStream implements LiveStream, ClientEnd, BodySink, BodyStream, Sender, LinkedDue {
  readonly id: number
  window: number
  answering = false
  deadlineMs = FOREVER
  before: LinkedDue | null = null
  after: LinkedDue | null = null
  behind: Sender | null = null
  readonly body: RequestBody | null
  readonly #head: RequestHead
  readonly #host: StreamHost
  #x: Exchange | null = null
  /** A reply for which there was no room yet. */
  #reply: Reply | null = null
  /** Where the reply's bytes come from; those that wait for the client, from `#at` on, and what came behind, lent. */
  #source: Body | null = null
  #rest: Buffer | null = null
  #at = 0
  #behind: Buffer[] | null = null
  #trailers: Headers | null = null
  /** Nothing comes behind `#rest`. */
  #last = false
  /** Our side has ended: all of the reply is on its way. */
  #sent = false
  /** Nothing more is sent, and nothing is taken. */
  #cut = false

  /** @param contentLength −1: not announced @param ended no body follows */
  constructor(
    id: number,
    head: RequestHead,
    contentLength: number,
    ended: boolean,
    patient: boolean,
    host: StreamHost,
  ) {
    this.id = id
    this.window = host.initialWindow
    this.#head = head
    this.#host = host
    this.body = ended ? null : new RequestBody(this, contentLength, host, patient)
  }

  /** Answer this. */
  begin(): void {
    const x = this.#host.gate.accept(this.#head, this, this.body)
    if (!this.#cut) this.#x = x
  }

  get ended(): boolean {
    return this.body === null || this.body.complete
  }

  counted(bytes: number, padding: number): number {
    return this.body === null ? H2.STREAM_CLOSED : this.body.counted(bytes, padding)
  }

  received(chunk: Buffer): number {
    return this.body!.push(chunk)
  }

  finished(trailers: string[] | null): number {
    return this.body!.finish(trailers)
  }

  blame(): void {
    const x = this.#x
    if (x === null || x.error !== '') return
    const error = new ProxyError('malformed_request', 'frames of the request broke the rules of HTTP/2')
    this.body?.fail(error)
    abort(x)
    // Whoever worked for it has said that it was left.
    x.error = error.type
    x.errorText = error.message
  }

  send(x: Exchange, reply: Reply): void {
    if (this.#cut) return reply.discard()
    this.#x = x
    this.#reply = reply
    if (this.#host.outbox.full) this.#wait()
    else this.#begin()
  }

  interim(_x: Exchange, status: number, headers: Headers): void {
    if (this.answering || this.#cut || this.#reply !== null || status === 100) return
    const { outbox, fields } = this.#host
    if (!outbox.full) outbox.add(fields.head(this.id, status, headers, false))
  }

  bodyStarted(): void {
    if (!this.#head.expectsContinue || this.answering || this.#cut) return
    this.#host.outbox.add(this.#host.fields.head(this.id, 100, CONTINUE, false))
  }

  #begin(): void {
    const x = this.#x!
    const reply = this.#reply!
    const { outbox, fields } = this.#host
    const { status, headers } = reply
    this.#reply = null
    this.answering = true
    x.grpcStatus = readGrpcStatus(headers)
    const text = reply.takeText()
    const body = text === null ? reply.take() : null
    const atHand = text ?? (Buffer.isBuffer(body) ? body : null)
    const none = atHand === null ? body === null : atHand.length === 0
    if (none || x.method === 'HEAD' || status === 204 || status === 304) {
      if (body !== null && !Buffer.isBuffer(body)) body.cancel()
      outbox.add(fields.head(this.id, status, headers, true))
      return this.#end()
    }
    outbox.add(fields.head(this.id, status, headers, false))
    if (text !== null && text.length <= Math.min(this.window, this.#host.window, fields.maxFrame)) {
      x.outBytes = text.length
      this.window -= text.length
      this.#host.window -= text.length
      outbox.addLast(this.id, text)
      return this.#end()
    }
    if (body !== null && !Buffer.isBuffer(body)) {
      this.#source = body
      return body.start(this)
    }
    const bytes = body ?? Buffer.from(text!, 'latin1')
    x.outBytes = bytes.length
    this.#last = true
    this.#offer(bytes)
  }

  chunk(data: Buffer): boolean {
    if (this.#cut) return false
    this.#x!.outBytes += data.length
    return data.length === 0 || this.#offer(data)
  }

  end(trailers: Headers | null): void {
    if (this.#cut) return
    this.#source = null
    this.#last = true
    this.#trailers = trailers
    if (trailers !== null && this.#x!.grpcStatus < 0) this.#x!.grpcStatus = readGrpcStatus(trailers)
    if (this.#rest === null) this.#sendEnd()
  }

  /** RST_STREAM says that what came is not the whole (RFC 9113 section 8.1). */
  error(error: Error): void {
    if (this.#cut) return
    this.#source = null
    const x = this.#x!
    if (!x.aborted) {
      x.error = error instanceof ProxyError ? error.type : 'http_response_incomplete'
      x.errorText = error.message
    }
    this.#host.reset(this, H2.INTERNAL_ERROR)
  }

  flow(): void {
    if (this.#cut || this.#sent) return
    if (this.#reply !== null) {
      if (this.#host.outbox.full) return this.#host.wait(this, true)
      this.#moves()
      return this.#begin()
    }
    if (this.#rest === null || !this.#pump()) return
    if (!this.#last) this.#source?.resume()
  }

  /** It took nothing for too long. */
  onDeadline(): void {
    this.#host.reset(this, H2.CANCEL)
  }

  cut(): void {
    if (this.#cut) return
    this.#cut = true
    if (this.#sent) return
    this.#rest = this.#behind = null
    this.#reply?.discard()
    this.#source?.cancel()
    this.#finish(true)
  }

  /** What it sent has left. */
  written(): void {
    this.#finish(false)
  }

  /** What it sent has not left, and will not. */
  lost(): void {
    this.#finish(true)
  }

  /** @returns false: it waits, and so must the source */
  #offer(data: Buffer): boolean {
    if (this.#rest !== null) {
      // Of the same read: a source that is told to hold gives out what it has.
      if (this.#behind === null) this.#behind = [data]
      else this.#behind.push(data)
      return false
    }
    this.#rest = data
    this.#at = 0
    return this.#pump()
  }

  /** As much as the client, the connection and this stream's turn allow. @returns true: nothing is left */
  #pump(): boolean {
    const host = this.#host
    while (this.#rest !== null) {
      const rest = this.#rest
      const left = rest.length - this.#at
      const room = Math.min(left, this.window, host.window, TURN_BYTES)
      if (room <= 0 || host.outbox.full) {
        this.#wait()
        return false
      }
      const next = room === left ? (this.#behind?.shift() ?? null) : rest
      const ends = next === null && this.#last && this.#trailers === null
      host.outbox.addData(this.id, rest, this.#at, this.#at + room, host.fields.maxFrame, ends)
      this.window -= room
      host.window -= room
      this.#at = next === rest ? this.#at + room : 0
      this.#rest = next
      this.#moves()
      if (ends) this.#end()
    }
    if (this.#last && !this.#sent) this.#sendEnd()
    return true
  }

  #wait(): void {
    if (this.deadlineMs === FOREVER) {
      this.deadlineMs = nowMs() + patience.stallMs
      this.#host.deadlines.add(this)
    }
    // Its own window is opened by a frame that names it.
    if (this.#reply !== null || this.window > 0) this.#host.wait(this, this.#reply !== null)
  }

  #moves(): void {
    if (this.deadlineMs === FOREVER) return
    this.deadlineMs = FOREVER
    this.#host.deadlines.remove(this)
  }

  #sendEnd(): void {
    const { outbox, fields } = this.#host
    if (this.#trailers === null) outbox.addLast(this.id, '')
    else outbox.add(fields.trailers(this.id, this.#trailers))
    this.#end()
  }

  /** Our side has ended. If the request is not whole, the rest is not wanted (RFC 9113 section 8.1). */
  #end(): void {
    this.#sent = true
    this.#host.outbox.tell(this)
    if (this.ended) return this.#host.closed(this, this.#x!.atMs)
    this.#host.reset(this, H2.NO_ERROR)
  }

  #finish(cut: boolean): void {
    const x = this.#x
    this.#moves()
    if (x === null) return
    this.#x = null
    const { body } = this
    x.inBytes = body?.bytes ?? 0
    if (cut) {
      body?.fail(new ProxyError('client_aborted', 'the client left before its body ended'))
      if (x.error === '') abort(x)
      else x.aborted = true
    }
    this.#host.gate.finished(x)
    if (body === null) return
    body.fail(new ProxyError('client_aborted', 'the answer was whole before the request'))
    body.cancel()
  }
}
