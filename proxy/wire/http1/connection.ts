// A client's HTTP/1.1 connection: one exchange at a time, in order, with a deadline for everything.
import type { Socket } from 'node:net'
import type { TlsDetail } from '../../../telemetry/record.ts'
import { plainAddress } from '../../lib/client-address.ts'
import { nowMs } from '../../lib/clock.ts'
import type { Due } from '../../lib/deadlines.ts'
import type { Headers } from '../../lib/headers.ts'
import { HeadReader } from '../../lib/http1/head-reader.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import type { ClientEnd, Exchange } from '../../pipeline/exchange.ts'
import { abort } from '../../pipeline/handle.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { Gate, Refusal } from '../gate.ts'
import { tlsDetail } from '../tls-detail.ts'
import { UpgradeEnd } from '../upgrade.ts'
import { type BodyOwner, IncomingBody } from './incoming-body.ts'
import { type RequestReading, readRequest } from './read-request.ts'
import { refusalText, suspect } from './refuse.ts'
import { ReplyWriter, type WriterOwner } from './reply-writer.ts'
import { writeInterim } from './write-head.ts'

/** What a connection needs of its wire. */
export interface ConnectionHost {
  readonly gate: Gate
  readonly draining: boolean
  closed(connection: ClientConnection): void
}

/** A client that takes nothing for this long holds memory for nothing. */
const STALL_MS = 30_000
/** After our last word the client may take so long, and send so much, before it is cut off. */
const LINGER_MS = 2000
const LINGER_BYTES = 1024 * 1024
/** Bytes of further requests that may wait for their turn. */
const AHEAD_BYTES = 64 * 1024
/** An idle client may be sending just now: on shutdown it is heard for so long. */
const LAST_CALL_MS = 500
const FOREVER = Number.POSITIVE_INFINITY

export class ClientConnection implements ClientEnd, BodyOwner, WriterOwner, Due {
  deadlineMs: number
  readonly #socket: Socket
  readonly #host: ConnectionHost
  readonly #head: HeadReader
  readonly #peer: string
  readonly #tls: TlsDetail | null
  #state: 'idle' | 'head' | 'exchange' | 'closing' | 'gone' = 'idle'
  /** Bytes that came after the request under way. */
  #ahead: Buffer | null = null
  #request: RequestReading | null = null
  #incoming: IncomingBody | null = null
  #x: Exchange | null = null
  #writer: ReplyWriter | null = null
  #keepAlive = true
  #served = 0
  /** An empty line came before this request. */
  #emptyLine = false
  #lingered = 0

  constructor(socket: Socket, host: ConnectionHost) {
    this.#socket = socket
    this.#host = host
    const { limits } = host.gate
    this.#head = new HeadReader(limits.maxHeadBytes)
    this.#peer = plainAddress(socket.remoteAddress ?? '')
    this.#tls = tlsDetail(socket)
    this.deadlineMs = nowMs() + limits.headMs
    socket.on('data', this.#onData)
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onClose)
  }

  get idle(): boolean {
    return this.#state === 'idle'
  }

  /** No new exchange after this one; an idle client gets a moment in which its last request still counts. */
  drain(): void {
    if (this.#state === 'idle') this.deadlineMs = nowMs() + LAST_CALL_MS
  }

  destroy(): void {
    this.#socket.destroy()
  }

  onDeadline(): void {
    if (this.#state === 'head') return this.#refuse({ status: 408, reason: 'head_timeout' })
    if (this.#state !== 'exchange') return this.destroy()
    if (this.#incoming?.waiting)
      this.#incoming.fail(new ProxyError('client_timeout', 'the request body stalled'))
    else if (this.#writer !== null) this.destroy()
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#state === 'exchange') this.#during(chunk)
    else if (this.#state === 'closing') {
      this.#lingered += chunk.length
      if (this.#lingered > LINGER_BYTES) this.destroy()
    } else this.#readHead(chunk)
  }

  /** Body bytes of the request under way, or the next requests, which wait. */
  #during(chunk: Buffer): void {
    let rest = chunk
    const incoming = this.#incoming
    if (incoming !== null && !incoming.complete) {
      if (incoming.waiting) this.deadlineMs = nowMs() + this.#host.gate.limits.bodyIdleMs
      const used = incoming.push(chunk)
      if (!incoming.complete) return
      if (this.#writer === null) this.deadlineMs = FOREVER
      rest = chunk.subarray(used)
    }
    if (rest.length === 0) return
    this.#ahead = this.#ahead === null ? rest : Buffer.concat([this.#ahead, rest])
    if (this.#ahead.length > AHEAD_BYTES) this.#socket.pause()
  }

  #readHead(chunk: Buffer): void {
    const { limits } = this.#host.gate
    let input = chunk
    if (this.#state === 'idle') {
      // One empty line before a request is tolerated (RFC 9112 section 2.2).
      if (!this.#emptyLine && chunk.length >= 2 && chunk[0] === 0x0d && chunk[1] === 0x0a) {
        this.#emptyLine = true
        input = chunk.subarray(2)
        if (input.length === 0) return
      }
      this.#state = 'head'
      this.deadlineMs = nowMs() + limits.headMs
    }
    const read = this.#head.push(input)
    if (read === 'too-large') {
      const inFirstLine = !this.#head.pending.includes('\r\n') && input.indexOf('\r\n') < 0
      return this.#refuse(
        inFirstLine ? { status: 414, reason: 'url_too_long' } : { status: 431, reason: 'head_too_large' },
      )
    }
    if (read === undefined) {
      const refusal = suspect(this.#head.pending, limits.maxUrlBytes)
      if (refusal !== undefined) this.#refuse(refusal)
      return
    }
    const reading = readRequest(read.head, limits)
    if ('reason' in reading) return this.#refuse(reading, read.head)
    this.#begin(reading, input.subarray(read.rest))
  }

  #begin(reading: RequestReading, rest: Buffer): void {
    const { gate } = this.#host
    this.#state = 'exchange'
    this.#emptyLine = false
    this.deadlineMs = FOREVER
    this.#request = reading
    this.#keepAlive = reading.keepAlive
    if (reading.upgrade !== '') return this.#tunnel(reading, rest)
    let ahead = rest
    if (reading.hasBody) {
      const length = reading.headers.has('transfer-encoding') ? -1 : reading.contentLength
      const incoming = new IncomingBody(this, length, gate.limits.bodyMinBytesPerSecond)
      this.#incoming = incoming
      ahead = rest.length === 0 ? rest : rest.subarray(incoming.push(rest))
    }
    this.#ahead = ahead.length === 0 ? null : ahead
    const x = gate.accept(this.#requestHead(reading), this)
    if (this.#state === 'exchange') this.#x = x
  }

  #requestHead(reading: RequestReading) {
    const { method, target, version, authority, headers, upgrade, expectsContinue } = reading
    return {
      method,
      target,
      scheme: this.#tls === null ? ('http' as const) : ('https' as const),
      protocol: version,
      authority,
      headers,
      body: this.#incoming,
      upgrade,
      expectsContinue,
      peer: this.#peer,
      tls: this.#tls,
    }
  }

  /** From here on the connection is a WebSocket's, whatever becomes of the handshake. */
  #tunnel(reading: RequestReading, early: Buffer): void {
    const socket = this.#socket
    socket.off('data', this.#onData).off('end', this.#onEnd).off('close', this.#onClose)
    socket.pause()
    this.#state = 'gone'
    this.#host.closed(this)
    const end = new UpgradeEnd(socket, early, this.#host.gate)
    end.attach(this.#host.gate.accept(this.#requestHead(reading), end))
  }

  send(x: Exchange, reply: Reply): void {
    this.#x = x
    if (this.#state !== 'exchange' || this.#socket.destroyed) return reply.discard()
    const { limits } = this.#host.gate
    const http10 = x.protocol === '1.0'
    const unread = this.#incoming !== null && !this.#incoming.complete
    const last = ++this.#served >= limits.keepAliveRequests || reply.headers.get('connection') === 'close'
    // HTTP/1.0 knows no chunks: a body of unknown length ends with the connection.
    const closes = http10 && reply.body !== null && !Buffer.isBuffer(reply.body) && reply.body.length < 0
    if (last || unread || closes || this.#host.draining) this.#keepAlive = false
    this.#writer = new ReplyWriter(this.#socket, this, x)
    this.#writer.send(reply, this.#keepAlive ? (http10 ? 'keep-alive' : '') : 'close', closes)
  }

  interim(x: Exchange, status: number, headers: Headers): void {
    if (x.protocol === '1.0' || this.#writer !== null || this.#state !== 'exchange') return
    this.#socket.write(writeInterim(status, headers), 'latin1')
  }

  bodyStarted(): void {
    this.deadlineMs = nowMs() + this.#host.gate.limits.bodyIdleMs
    if (this.#request?.expectsContinue && this.#writer === null)
      this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1')
  }

  holdBody(): void {
    this.deadlineMs = FOREVER
    this.#socket.pause()
  }

  flowBody(): void {
    this.deadlineMs = nowMs() + this.#host.gate.limits.bodyIdleMs
    this.#socket.resume()
  }

  stalled(stalled: boolean): void {
    this.deadlineMs = stalled ? nowMs() + STALL_MS : FOREVER
  }

  /** The exchange is over; the next request may be waiting already. */
  written(): void {
    if (this.#state !== 'exchange') return
    const x = this.#x!
    this.#end(x)
    if (!this.#keepAlive || this.#host.draining) return this.#close()
    this.#state = 'idle'
    this.deadlineMs = nowMs() + this.#host.gate.limits.keepAliveMs
    // It may have been held for the sake of a body, or of requests that came ahead.
    if (this.#socket.isPaused()) this.#socket.resume()
    const ahead = this.#ahead
    if (ahead === null) return
    this.#ahead = null
    this.#onData(ahead)
  }

  #end(x: Exchange): void {
    x.inBytes = this.#incoming?.bytes ?? 0
    this.#x = this.#writer = this.#incoming = this.#request = null
    this.#host.gate.finished(x)
  }

  /** Our side ends; the client's last bytes are taken so that it does not lose our answer to a reset. */
  #close(): void {
    this.#state = 'closing'
    this.deadlineMs = nowMs() + LINGER_MS
    this.#ahead = null
    this.#socket.end()
    this.#socket.resume()
  }

  #refuse(refusal: Refusal, head = this.#head.pending): void {
    this.#socket.write(refusalText(refusal), 'latin1')
    this.#close()
    const [method = '', target = ''] = /^(\S{1,32}) (\S{1,1024})/.exec(head)?.slice(1) ?? []
    const scheme = this.#tls === null ? 'http' : 'https'
    const what = { peer: this.#peer, tls: this.#tls, scheme, method, target } as const
    this.#host.gate.refused({ ...what, refusal, protocol: '', authority: '' })
  }

  /** The client says it will send no more: it is gone, as far as anybody can know (nginx and Go read it so too). */
  readonly #onEnd = (): void => {
    if (this.#state === 'exchange')
      this.#incoming?.fail(new ProxyError('client_aborted', 'the client left before its body ended'))
    this.destroy()
  }

  readonly #onClose = (): void => {
    const x = this.#state === 'exchange' ? this.#x : null
    this.#state = 'gone'
    this.#host.closed(this)
    if (x === null) return
    this.#incoming?.fail(new ProxyError('client_aborted', 'the client left before its body ended'))
    if (x.error === '') abort(x)
    else x.aborted = true
    this.#writer?.stop()
    this.#end(x)
  }
}
