// One connection to an upstream: one request at a time, its reply read with suspicion.
import type { Socket } from 'node:net'
import { nowMs } from '../../../lib/clock.ts'
import type { Due } from '../../../lib/deadlines.ts'
import type { Feed, Reader } from '../../../lib/feed.ts'
import { Headers } from '../../../lib/headers.ts'
import { HeadReader } from '../../../lib/http1/head-reader.ts'
import { atEndOfTurn } from '../../../lib/turn.ts'
import { writeText } from '../../../lib/write-text.ts'
import { ProxyError } from '../../../pipeline/errors.ts'
import { Reply } from '../../../pipeline/reply.ts'
import { asTransportError, CLOSED, incompleteError } from '../errors.ts'
import type { Outgoing } from '../transport.ts'
import type { ConnectionHost } from './connection-host.ts'
import { type BodySource, ReplyBody } from './reply-body.ts'
import { type ReplyHead, suspectReply } from './reply-head.ts'
import { RequestBody } from './request-body.ts'

const MAX_HEAD_BYTES = 64 * 1024
/** More interim responses than this are a bug or an attack. */
const MAX_INTERIM = 16
/** Bodies up to this size are written to clients together with their heads, as text. */
const TEXT_BYTES = 16 * 1024
const OVERRUN = 'upstream_overrun: more bytes than announced'

export class UpstreamConnection implements Due, BodySource, Reader {
  deadlineMs: number
  /** What it began with: only requests with the same preface go over it. */
  preface = ''
  readonly #host: ConnectionHost
  readonly #socket: Socket
  readonly #feed: Feed | null
  readonly #head = new HeadReader(MAX_HEAD_BYTES)
  #connected = false
  #used = false
  #run: Outgoing | null = null
  #requestBody: RequestBody | null = null
  #reply: ReplyBody | null = null
  #replyHead: ReplyHead | null = null
  #answered = false
  #interim = 0
  #idleMs = 0
  #closed = false

  /** @param feed null: TLS, which reads by events */
  constructor(host: ConnectionHost, socket: Socket, feed: Feed | null) {
    this.#host = host
    this.#socket = socket
    this.#feed = feed
    this.deadlineMs = nowMs() + host.options.connectMs
    socket.once(feed === null ? 'secureConnect' : 'connect', () => {
      this.#connected = true
      if (this.#run !== null) this.#begin(this.#run)
    })
    if (feed === null) socket.on('data', (chunk: Buffer) => this.received(chunk, chunk.length))
    else feed.reader = this
    socket.on('end', () => this.#ended())
    socket.on('error', error => this.#broken(error))
    socket.on('close', () => this.#close())
  }

  get usable(): boolean {
    return !this.#closed && !this.#socket.destroyed
  }

  send(out: Outgoing): void {
    this.#run = out
    this.#answered = false
    this.#interim = 0
    out.attempt.reused = this.#used
    out.cancel = this.#giveUp
    if (this.#connected) this.#begin(out)
  }

  onDeadline(): void {
    if (this.#run === null) return this.destroy()
    if (!this.#connected) this.#failAs('connection_timeout', 'connect timed out', true)
    else if (this.#replyHead === null) this.#failAs('http_response_timeout', 'no reply head in time')
    else this.#failAs('connection_read_timeout', 'the reply stalled')
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Waits for its next request until then. */
  rest(untilMs: number): void {
    this.deadlineMs = untilMs
  }

  hold(): void {
    this.deadlineMs = Number.POSITIVE_INFINITY
    this.#socket.pause()
  }

  flow(): void {
    if (this.#run === null) return
    this.deadlineMs = nowMs() + this.#idleMs
    this.#socket.resume()
  }

  abandon(): void {
    this.#finish(false, false)
  }

  completed(clean: boolean): void {
    const head = this.#replyHead!
    // The reply itself is whole; what stands behind it answers nobody.
    if (!clean && head.framing !== 'until-close') this.#run!.attempt.errorText = OVERRUN
    this.#finish(true, clean && head.keepAlive)
  }

  #begin(out: Outgoing): void {
    const { options } = this.#host
    this.#used = true
    // A kept connection stood already, and what asks for it is the event that is under way.
    const { reused, startUs } = out.attempt
    const now = reused ? out.atMs : nowMs()
    out.attempt.connectedUs = reused ? startUs : elapsedUs(out, now)
    this.deadlineMs = now + options.responseMs
    // A quiet event stream is well: it asks for the long limit in its Accept field.
    this.#idleMs = out.eventStream ? options.tunnelMs : options.idleMs
    if (out.body === null) return atEndOfTurn(this)
    this.#socket.write(requestHead(out), 'latin1')
    this.#requestBody = new RequestBody(out.body, this.#socket, error => this.#bodyFailed(error))
    this.#requestBody.start()
  }

  /** All that came in this turn is read: now the requests leave (see lib/turn.ts). */
  endTurn(): void {
    if (this.#run !== null) writeText(this.#socket, this.#feed !== null, requestHead(this.#run), null)
  }

  /** The bytes are lent: see `Feed`. */
  received(buffer: Buffer, length: number): void {
    const run = this.#run
    // Bytes that answer nothing: whatever they are, the next request must not get them.
    if (run === null) return this.destroy()
    if (this.#reply !== null) {
      this.deadlineMs = nowMs() + this.#idleMs
      return this.#invalid(this.#reply.push(buffer.subarray(0, length)))
    }
    const { heads } = this.#host
    const known = this.#head.pending === '' && run.method !== 'HEAD' ? heads.match(buffer, length) : 0
    if (known > 0) return this.#answer(run, heads.value!, buffer, known, length)
    let rest = buffer
    let bytes = length
    for (;;) {
      const read = this.#head.push(rest, bytes)
      if (read === undefined) return this.#invalid(suspectReply(this.#head.pending))
      if (read === 'too-large')
        return this.#failAs(
          'http_response_header_section_size',
          'upstream_headers_too_big: reply head over 64 KiB',
        )
      const head = this.#host.readHead(read.head, run.method)
      if (typeof head === 'string') return this.#invalid(head)
      const final = head.status >= 200
      if (final) return this.#answer(run, head, rest, read.rest, bytes)
      rest = rest.subarray(read.rest, bytes)
      bytes = rest.length
      if (!this.#interimReply(run, head) || bytes === 0) return
    }
  }

  /** @returns false when that was one too many */
  #interimReply(out: Outgoing, { status, block }: ReplyHead): boolean {
    if (status === 101 || ++this.#interim > MAX_INTERIM) {
      const what = status === 101 ? 'an unasked switch of protocols' : 'too many interim responses'
      this.#invalid(`invalid reply: ${what}`)
      return false
    }
    if (status <= 101) return true
    const headers = new Headers(block)
    // RFC 9110 section 8.6: an interim response has no length.
    headers.delete('content-length')
    out.onInterim(status, headers)
    return true
  }

  /**
   * The final head is here; a body that came with it is handed over as a whole.
   * @param from where in `buffer` the bytes behind the head begin, `to` where they end
   */
  #answer(out: Outgoing, head: ReplyHead, buffer: Buffer, from: number, to: number): void {
    this.#replyHead = head
    this.#answered = true
    const now = nowMs()
    out.attempt.headUs = elapsedUs(out, now)
    const headers = new Headers(head.block)
    const came = to - from
    const length = head.framing === 'none' ? 0 : head.length
    if (length >= 0 && came >= length) {
      if (came > length) out.attempt.errorText = OVERRUN
      const reply =
        length === 0
          ? new Reply(head.status, headers)
          : length <= TEXT_BYTES
            ? Reply.ofText(head.status, headers, buffer.toString('latin1', from, from + length))
            : new Reply(head.status, headers, Buffer.from(buffer.subarray(from, from + length)))
      this.#finish(true, came === length && head.keepAlive, now)
      return out.replied(reply, now)
    }
    const body = new ReplyBody(this, head)
    this.#reply = body
    this.deadlineMs = now + this.#idleMs
    const problem = came > 0 ? body.push(buffer.subarray(from, to)) : ''
    if (problem !== '') {
      this.#answered = false
      return this.#invalid(problem)
    }
    if (this.#reply !== null) this.#feed?.lease()
    out.replied(new Reply(head.status, headers, body.takeWhole() ?? body), now)
  }

  /** @param problem '' or what is wrong with the reply */
  #invalid(problem: string): void {
    if (problem !== '') this.#failAs('http_protocol_error', problem)
  }

  #ended(): void {
    if (this.#reply?.connectionEnded()) return
    if (this.#run !== null) this.#broken(Object.assign(new Error('closed'), { code: CLOSED }))
    else this.destroy()
  }

  #broken(error: Error): void {
    const run = this.#run
    if (run === null) return this.destroy()
    if (this.#answered) return this.#fail(incompleteError(error))
    const begun = this.#head.pending !== '' || this.#interim > 0
    const failure = asTransportError(error, run, this.#host.options, begun)
    // A kept-alive connection that had just been closed: no fault of the upstream's.
    const stale = run.attempt.reused && !begun && failure.type === 'connection_terminated'
    this.#fail(stale ? new ProxyError(failure.type, failure.message, { stale: true, cause: error }) : failure)
  }

  #bodyFailed(error: Error): void {
    this.#fail(
      error instanceof ProxyError
        ? error
        : new ProxyError('http_request_error', error.message, { cause: error }),
    )
  }

  readonly #giveUp = (): void => this.#fail(new ProxyError('client_aborted', 'given up'))

  #fail(error: ProxyError): void {
    const run = this.#run
    const reply = this.#reply
    const answered = this.#answered
    if (answered && run !== null && error.type !== 'client_aborted') {
      run.attempt.error = error.type
      run.attempt.errorText = error.message
    }
    this.#finish(false, false)
    if (run === null) return
    if (answered) reply?.fail(error)
    else run.failed(error)
  }

  /** The request is over: once, whatever its end. */
  #finish(complete: boolean, reusable: boolean, atMs = nowMs()): void {
    const run = this.#run
    if (run === null) return
    const sent = this.#requestBody?.sent ?? true
    const hintMs = this.#replyHead?.keepAliveMs ?? -1
    if (this.#reply !== null) this.#feed?.release(this.#reply.spent)
    this.#requestBody?.stop()
    this.#run = this.#requestBody = this.#reply = this.#replyHead = null
    this.deadlineMs = Number.POSITIVE_INFINITY
    run.cancel = null
    run.onDone(complete, atMs)
    if (reusable && sent) {
      if (this.#socket.isPaused()) this.#socket.resume()
      this.#host.released(this, hintMs, atMs)
    } else this.destroy()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#run !== null) this.#broken(Object.assign(new Error('closed'), { code: CLOSED }))
    this.#host.closed(this)
  }

  #failAs(type: ProxyError['type'], text: string, unsent = false): void {
    const { host, port } = this.#host.options
    this.#fail(new ProxyError(type, `${text} (${host}:${port})`, { unsent }))
  }
}

function requestHead({ head, body }: Outgoing): string {
  return body !== null && body.length < 0 ? `${head}transfer-encoding: chunked\r\n\r\n` : `${head}\r\n`
}

function elapsedUs(out: Outgoing, now: number): number {
  return Math.round((now - out.startMs) * 1000)
}
