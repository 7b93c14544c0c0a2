// A client's HTTP/1.1 connection: one exchange at a time, in order, with a deadline for everything.
import type { Socket } from 'node:net'
import { nowMs } from '../../lib/clock.ts'
import type { Due } from '../../lib/deadlines.ts'
import type { Feed, Reader } from '../../lib/feed.ts'
import type { Headers } from '../../lib/headers.ts'
import { atEndOfTurn } from '../../lib/turn.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import type { ClientEnd, Exchange } from '../../pipeline/exchange.ts'
import { abort } from '../../pipeline/handle.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { Refusal } from '../gate.ts'
import { originOf } from '../origin.ts'
import { tlsDetail } from '../tls-detail.ts'
import { UpgradeEnd } from '../upgrade.ts'
import type { ConnectionHost } from './connection-host.ts'
import { type BodyOwner, IncomingBody } from './incoming-body.ts'
import { patience } from './patience.ts'
import type { Origin, RequestReading } from './read-request.ts'
import { noBody, refusalText } from './refuse.ts'
import { ReplyWriter, type WriterOwner, writeWhole } from './reply-writer.ts'
import { RequestReader } from './request-reader.ts'
import { writeInterim } from './write-head.ts'

const FOREVER = Number.POSITIVE_INFINITY
const NOTHING = Buffer.alloc(0)

export class ClientConnection implements ClientEnd, BodyOwner, WriterOwner, Due, Reader {
  deadlineMs: number
  readonly #socket: Socket
  readonly #feed: Feed | null
  readonly #host: ConnectionHost
  readonly #requests: RequestReader
  readonly #origin: Origin
  #state: 'idle' | 'head' | 'exchange' | 'closing' | 'gone' = 'idle'
  /** Only a socket without a feed has it: an idle connection is mostly what stands here. */
  #onData: ((chunk: Buffer) => void) | null = null
  /** Bytes that came after the request under way. */
  #ahead: Buffer | null = null
  #request: RequestReading | null = null
  #incoming: IncomingBody | null = null
  #x: Exchange | null = null
  #writer: ReplyWriter | null = null
  /** A reply that is all at hand, until the turn ends; and what it says of the connection. */
  #whole: Reply | null = null
  #connection: '' | 'close' | 'keep-alive' = ''
  /** The final head has left. */
  #answering = false
  #keepAlive = true
  #served = 0
  #lingered = 0
  /** When an idle connection has waited long enough. */
  #idleUntilMs = 0
  /** An exchange that ends at once must not begin the next from within. */
  #beginning = false

  constructor(socket: Socket, feed: Feed | null, host: ConnectionHost) {
    this.#socket = socket
    this.#feed = feed
    this.#host = host
    const { limits } = host.gate
    const tls = tlsDetail(socket)
    this.#origin = { scheme: tls === null ? 'http' : 'https', connection: originOf(socket), tls }
    this.#requests = new RequestReader(this.#origin, limits)
    this.deadlineMs = nowMs() + limits.headMs
    if (feed === null) socket.on('data', (this.#onData = chunk => void this.received(chunk, chunk.length)))
    else feed.reader = this
    socket.on('end', this.#onEnd)
    socket.on('close', this.#onClose)
  }

  /** No new exchange after this one; an idle client gets a moment in which its last request still counts. */
  drain(): void {
    if (this.#state !== 'idle') return
    this.#requests.forget()
    this.deadlineMs = nowMs() + patience.lastCallMs
  }

  destroy(): void {
    this.#socket.destroy()
  }

  onDeadline(): void {
    if (this.#state === 'head') return this.#refuse({ status: 408, reason: 'head_timeout' })
    if (this.#state === 'idle' && this.#requests.remembers) {
      this.#requests.forget()
      this.deadlineMs = this.#idleUntilMs
    } else if (this.#state !== 'exchange') this.destroy()
    else if (this.#incoming?.waiting)
      this.#incoming.fail(new ProxyError('client_timeout', 'the request body stalled'))
    else if (this.#answering) this.destroy()
  }

  /** The bytes are lent: see `Feed`. */
  received(buffer: Buffer, length: number): boolean {
    // Of a tunnel now: it reads the socket as a stream.
    if (this.#state === 'gone') return this.#socket.push(Buffer.from(buffer.subarray(0, length)))
    if (this.#state === 'exchange') this.#during(buffer.subarray(0, length))
    else if (this.#state === 'closing') {
      this.#lingered += length
      if (this.#lingered > patience.lingerBytes) this.destroy()
    } else this.#readHead(buffer, length)
    return true
  }

  /** Body bytes of the request under way, or the next requests, which wait. */
  #during(chunk: Buffer): void {
    let rest = chunk
    const incoming = this.#incoming
    if (incoming !== null && !incoming.complete) {
      if (incoming.waiting) this.deadlineMs = nowMs() + this.#host.gate.limits.bodyIdleMs
      // Where the buffer is not the body's own yet, what may be held longer is copied.
      const used = incoming.push(this.#feed?.leased === false ? Buffer.from(chunk) : chunk)
      if (!incoming.complete) return
      this.#feed?.release(!incoming.held)
      if (!this.#answering) this.deadlineMs = FOREVER
      rest = chunk.subarray(used)
    }
    if (rest.length === 0) return
    this.#ahead = this.#ahead === null ? Buffer.from(rest) : Buffer.concat([this.#ahead, rest])
    if (this.#ahead.length > patience.aheadBytes) this.#socket.pause()
  }

  #readHead(buffer: Buffer, length: number): void {
    const { limits } = this.#host.gate
    const reading = this.#requests.push(buffer, length, limits)
    if (reading === undefined) {
      if (this.#state === 'head' || !this.#requests.begun) return
      this.#state = 'head'
      this.deadlineMs = nowMs() + limits.headMs
    } else if ('reason' in reading) this.#refuse(reading)
    else {
      const { rest } = this.#requests
      this.#begin(reading, rest === length ? NOTHING : buffer.subarray(rest, length))
    }
  }

  #begin(reading: RequestReading, rest: Buffer): void {
    const { gate } = this.#host
    this.#state = 'exchange'
    this.deadlineMs = FOREVER
    this.#request = reading
    this.#keepAlive = reading.keepAlive
    if (reading.head.upgrade !== '') return this.#tunnel(reading, Buffer.from(rest))
    let ahead = rest
    if (reading.hasBody) {
      const length = reading.chunked ? -1 : reading.contentLength
      const incoming = new IncomingBody(this, length, gate.limits.bodyMinBytesPerSecond)
      this.#incoming = incoming
      ahead = rest.length === 0 ? rest : rest.subarray(incoming.push(rest))
      if (incoming.problem !== '')
        return this.#refuse(noBody(incoming.problem), `${reading.head.method} ${reading.head.target}`)
      if (!incoming.complete) this.#feed?.lease()
    }
    this.#ahead = ahead.length === 0 ? null : Buffer.from(ahead)
    this.#beginning = true
    const x = gate.accept(reading.head, this, this.#incoming)
    this.#beginning = false
    if (this.#state === 'exchange') this.#x = x
    else this.#continue()
  }

  /** From here on the connection is a WebSocket's, whatever becomes of the handshake. */
  #tunnel(reading: RequestReading, early: Buffer): void {
    const socket = this.#socket
    if (this.#onData !== null) socket.off('data', this.#onData)
    socket.off('end', this.#onEnd).off('close', this.#onClose)
    socket.pause()
    this.#state = 'gone'
    this.#host.closed(this)
    const end = new UpgradeEnd(socket, early, this.#host.gate)
    end.attach(this.#host.gate.accept(reading.head, end, null))
  }

  send(x: Exchange, reply: Reply): void {
    this.#x = x
    if (this.#state !== 'exchange' || this.#socket.destroyed) return reply.discard()
    this.#answering = true
    const { limits } = this.#host.gate
    const http10 = x.protocol === '1.0'
    const unread = this.#incoming !== null && !this.#incoming.complete
    const last = ++this.#served >= limits.keepAliveRequests || reply.headers.get('connection') === 'close'
    // HTTP/1.0 knows no chunks: a body of unknown length ends with the connection.
    const closes = http10 && reply.length < 0
    if (last || unread || closes || this.#host.draining) this.#keepAlive = false
    const connection = this.#keepAlive ? (http10 ? 'keep-alive' : '') : 'close'
    if (reply.atHand) {
      this.#whole = reply
      this.#connection = connection
      atEndOfTurn(this)
    } else {
      this.#writer = new ReplyWriter(this.#socket, this, x)
      this.#writer.send(reply, connection, closes)
    }
  }

  /** All that came in this turn is read: now the answers leave (see lib/turn.ts). */
  endTurn(): void {
    const reply = this.#whole
    if (reply === null) return
    this.#whole = null
    const plain = this.#feed !== null
    if (writeWhole(this.#socket, plain, this.#x!, reply, this.#connection, this)) this.written()
    else this.stalled(true)
  }

  interim(x: Exchange, status: number, headers: Headers): void {
    if (x.protocol === '1.0' || this.#answering || this.#state !== 'exchange') return
    this.#socket.write(writeInterim(status, headers), 'latin1')
  }

  bodyStarted(): void {
    this.deadlineMs = nowMs() + this.#host.gate.limits.bodyIdleMs
    if (this.#request?.head.expectsContinue && !this.#answering)
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
    this.deadlineMs = stalled ? nowMs() + patience.stallMs : FOREVER
  }

  /** The exchange is over; the next request may be waiting already. */
  written(): void {
    if (this.#state !== 'exchange') return
    const x = this.#x!
    this.#end(x)
    if (!this.#keepAlive) return this.#close()
    this.#state = 'idle'
    const now = x.atMs // as of its end
    this.#idleUntilMs = now + this.#host.gate.limits.keepAliveMs
    this.deadlineMs = Math.min(this.#idleUntilMs, now + patience.memoryMs)
    // It was told that it may ask again, and may be doing so.
    if (this.#host.draining) this.drain()
    // It may have been held for the sake of a body, or of requests that came ahead.
    if (this.#socket.isPaused()) this.#socket.resume()
    if (!this.#beginning) this.#continue()
  }

  /** Requests that came ahead, one after the other. */
  #continue(): void {
    while (this.#state === 'idle' && this.#ahead !== null) {
      const ahead = this.#ahead
      this.#ahead = null
      this.received(ahead, ahead.length)
    }
  }

  #end(x: Exchange): void {
    x.inBytes = this.#incoming?.bytes ?? 0
    this.#x = this.#writer = this.#whole = this.#incoming = this.#request = null
    this.#answering = false
    this.#host.gate.finished(x)
  }

  /** Our side ends; the client's last bytes are taken so that it does not lose our answer to a reset. */
  #close(): void {
    this.#state = 'closing'
    this.deadlineMs = nowMs() + patience.lingerMs
    this.#ahead = null
    this.#socket.end()
    this.#socket.resume()
  }

  #refuse(refusal: Refusal, bytes = this.#requests.text): void {
    this.#socket.write(refusalText(refusal), 'latin1')
    this.#close()
    this.#host.gate.refused({ ...this.#origin, refusal, bytes })
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
    this.#whole?.discard()
    this.#end(x)
  }
}
