// One connection to an upstream: one request at a time, its reply read with suspicion.
import type { Socket } from 'node:net'
import { nowMs } from '../../../lib/clock.ts'
import type { Due } from '../../../lib/deadlines.ts'
import type { Headers } from '../../../lib/headers.ts'
import { HeadReader } from '../../../lib/http1/head-reader.ts'
import { ProxyError } from '../../../pipeline/errors.ts'
import { Reply } from '../../../pipeline/reply.ts'
import { replyHeaders } from '../../forwarded.ts'
import { asTransportError, incompleteError } from '../errors.ts'
import type { Outgoing } from '../transport.ts'
import { type BodySource, ReplyBody } from './reply-body.ts'
import { type ReplyHead, readReplyHead } from './reply-head.ts'
import { RequestBody } from './request-body.ts'

export interface ConnectionOptions {
  host: string
  port: number
  connectMs: number
  responseMs: number
  idleMs: number
  /** Idle limit of event streams, which are silent for long. */
  tunnelMs: number
}

/** What a connection needs of its pool. */
export interface ConnectionHost {
  readonly options: ConnectionOptions
  /** Ready for another request. @param hintMs the upstream's Keep-Alive hint, −1: none */
  released(connection: UpstreamConnection, hintMs: number): void
  closed(connection: UpstreamConnection): void
}

const MAX_HEAD_BYTES = 64 * 1024
/** More interim responses than this are a bug or an attack. */
const MAX_INTERIM = 16

interface Run {
  out: Outgoing
  resolve(reply: Reply): void
  reject(error: ProxyError): void
}

export class UpstreamConnection implements Due, BodySource {
  deadlineMs: number
  readonly #host: ConnectionHost
  readonly #socket: Socket
  readonly #head = new HeadReader(MAX_HEAD_BYTES)
  #connected = false
  #used = false
  #run: Run | null = null
  #requestBody: RequestBody | null = null
  #reply: ReplyBody | null = null
  #replyHead: ReplyHead | null = null
  #answered = false
  #interim = 0
  #idleMs = 0
  #closed = false

  /** @param connectEvent `connect` or `secureConnect` */
  constructor(host: ConnectionHost, socket: Socket, connectEvent: string) {
    this.#host = host
    this.#socket = socket
    this.deadlineMs = nowMs() + host.options.connectMs
    socket.once(connectEvent, () => {
      this.#connected = true
      if (this.#run !== null) this.#begin(this.#run)
    })
    // TLS sockets read by events; plain ones call `received` from their shared buffer.
    if (connectEvent === 'secureConnect') socket.on('data', (chunk: Buffer) => this.#data(chunk))
    socket.on('end', () => this.#ended())
    socket.on('error', error => this.#broken(error))
    socket.on('close', () => this.#close())
  }

  get usable(): boolean {
    return !this.#closed && !this.#socket.destroyed
  }

  send(out: Outgoing, resolve: (reply: Reply) => void, reject: (error: ProxyError) => void): void {
    const run = { out, resolve, reject }
    this.#run = run
    this.#answered = false
    this.#interim = 0
    out.attempt.reused = this.#used
    out.cancel = () => this.#giveUp()
    if (this.#connected) this.#begin(run)
  }

  /** @param shared bytes that are overwritten by the next read: what is kept of them is copied */
  received(shared: Buffer): void {
    this.#data(this.#reply === null ? shared : Buffer.from(shared))
  }

  onDeadline(): void {
    const { out } = this.#run ?? {}
    if (out === undefined) return this.destroy()
    if (!this.#connected) return this.#fail(this.#timeout('connection_timeout', 'connect timed out', true))
    if (this.#replyHead === null)
      this.#fail(this.#timeout('http_response_timeout', 'no reply head in time', false))
    else this.#fail(this.#timeout('connection_read_timeout', 'the reply stalled', false))
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
    this.#finish(true, clean && head.keepAlive && this.#head.pending === '')
  }

  #begin({ out }: Run): void {
    const { options } = this.#host
    this.#used = true
    out.attempt.connectedUs = elapsedUs(out)
    this.deadlineMs = nowMs() + options.responseMs
    // A quiet event stream is well: it asks for the long limit in its Accept field.
    this.#idleMs = out.headers.get('accept')?.startsWith('text/event-stream')
      ? options.tunnelMs
      : options.idleMs
    this.#socket.write(requestHead(out), 'latin1')
    if (out.body === null) return
    this.#requestBody = new RequestBody(out.body, this.#socket, error => this.#bodyFailed(error))
    this.#requestBody.start()
  }

  #data(chunk: Buffer): void {
    // Bytes that answer nothing: whatever they are, the next request must not get them.
    if (this.#run === null) return this.destroy()
    if (this.#reply !== null) return this.#bodyData(this.#reply, chunk)
    let rest = chunk
    for (;;) {
      const read = this.#head.push(rest)
      if (read === undefined) return
      if (read === 'too-large') {
        return this.#fail(
          new ProxyError('http_response_header_section_size', `reply head over 64 KiB (${this.#place})`),
        )
      }
      rest = rest.subarray(read.rest)
      const head = readReplyHead(read.head, this.#run.out.method)
      if (typeof head === 'string')
        return this.#fail(new ProxyError('http_protocol_error', `${head} (${this.#place})`))
      if (head.status >= 200) return this.#answer(this.#run, head, rest)
      if (!this.#interimReply(this.#run, head) || rest.length === 0) return
    }
  }

  /** @returns false when that was one too many */
  #interimReply({ out }: Run, { status, flat }: ReplyHead): boolean {
    if (status === 101 || ++this.#interim > MAX_INTERIM) {
      const what = status === 101 ? 'an unasked switch of protocols' : 'too many interim responses'
      this.#fail(new ProxyError('http_protocol_error', `invalid reply: ${what} (${this.#place})`))
      return false
    }
    if (status > 101) out.onInterim(status, replyHeaders(flat))
    return true
  }

  /** The final head is here; a body that came with it is handed over as a whole. */
  #answer(run: Run, head: ReplyHead, rest: Buffer): void {
    this.#replyHead = head
    this.#answered = true
    run.out.attempt.headUs = elapsedUs(run.out)
    const headers: Headers = replyHeaders(head.flat)
    if (head.framing === 'none' || head.length === 0) {
      this.#finish(true, rest.length === 0 && head.keepAlive)
      return run.resolve(new Reply(head.status, headers, null))
    }
    if (head.framing === 'length' && rest.length >= head.length) {
      const whole = Buffer.from(rest.length === head.length ? rest : rest.subarray(0, head.length))
      this.#finish(true, rest.length === head.length && head.keepAlive)
      return run.resolve(new Reply(head.status, headers, whole))
    }
    const body = new ReplyBody(this, head)
    this.#reply = body
    this.deadlineMs = nowMs() + this.#idleMs
    const problem = rest.length > 0 ? body.push(Buffer.from(rest)) : ''
    if (problem !== '') {
      this.#answered = false
      return this.#fail(new ProxyError('http_protocol_error', `${problem} (${this.#place})`))
    }
    run.resolve(new Reply(head.status, headers, body.takeWhole() ?? body))
  }

  #bodyData(body: ReplyBody, chunk: Buffer): void {
    this.deadlineMs = nowMs() + this.#idleMs
    const problem = body.push(chunk)
    if (problem !== '') this.#fail(new ProxyError('http_protocol_error', `${problem} (${this.#place})`))
  }

  #ended(): void {
    if (this.#reply?.connectionEnded()) return
    if (this.#run !== null) this.#broken(Object.assign(new Error('closed'), { code: 'UND_ERR_SOCKET' }))
    else this.destroy()
  }

  #broken(error: Error): void {
    const run = this.#run
    if (run === null) return this.destroy()
    if (this.#answered) return this.#fail(incompleteError(error))
    const failure = asTransportError(error, run.out, this.#host.options)
    // A kept-alive connection that had just been closed: no fault of the upstream's.
    const stale =
      run.out.attempt.reused && this.#head.pending === '' && failure.type === 'connection_terminated'
    this.#fail(stale ? new ProxyError(failure.type, failure.message, { stale: true, cause: error }) : failure)
  }

  #bodyFailed(error: Error): void {
    this.#fail(
      error instanceof ProxyError
        ? error
        : new ProxyError('http_request_error', error.message, { cause: error }),
    )
  }

  #giveUp(): void {
    this.#fail(new ProxyError('client_aborted', 'given up'))
  }

  #fail(error: ProxyError): void {
    const run = this.#run
    const reply = this.#reply
    const answered = this.#answered
    this.#finish(false, false)
    if (run === null) return
    if (answered) reply?.fail(error)
    else run.reject(error)
  }

  /** The request is over: once, whatever its end. */
  #finish(complete: boolean, reusable: boolean): void {
    const run = this.#run
    if (run === null) return
    const sent = this.#requestBody?.sent ?? true
    const hintMs = this.#replyHead?.keepAliveMs ?? -1
    this.#requestBody?.stop()
    this.#run = this.#requestBody = this.#reply = this.#replyHead = null
    this.deadlineMs = Number.POSITIVE_INFINITY
    run.out.cancel = null
    run.out.onDone(complete)
    if (reusable && sent) {
      if (this.#socket.isPaused()) this.#socket.resume()
      this.#host.released(this, hintMs)
    } else this.destroy()
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#run !== null) this.#broken(Object.assign(new Error('closed'), { code: 'UND_ERR_SOCKET' }))
    this.#host.closed(this)
  }

  #timeout(
    type: 'connection_timeout' | 'http_response_timeout' | 'connection_read_timeout',
    text: string,
    unsent: boolean,
  ) {
    return new ProxyError(type, `${text} (${this.#place})`, { unsent })
  }

  get #place(): string {
    return `${this.#host.options.host}:${this.#host.options.port}`
  }
}

function requestHead({ method, target, headers, body }: Outgoing): string {
  let text = `${method} ${target} HTTP/1.1\r\n`
  const { flat } = headers
  for (let i = 0; i < flat.length; i += 2) text += `${flat[i]}: ${flat[i + 1]}\r\n`
  return body !== null && body.length < 0 ? `${text}transfer-encoding: chunked\r\n\r\n` : `${text}\r\n`
}

function elapsedUs(out: Outgoing): number {
  return Math.round((nowMs() - out.startMs) * 1000)
}
