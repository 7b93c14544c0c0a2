// A reply onto a client's socket: head and first bytes in one write, then the body at the client's pace.
import type { Socket } from 'node:net'
import type { Headers } from '../../lib/headers.ts'
import { lastChunk } from '../../lib/http1/last-chunk.ts'
import { telling, type Writing, writeText } from '../../lib/write-text.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import { type Framing, writeHead } from './write-head.ts'

/** What a writer tells its connection; `written`: the last byte is. */
export interface WriterOwner extends Writing {
  /** The client takes no more just now, or takes again. */
  stalled(stalled: boolean): void
}

/** As text a small body leaves in one write with the head; as bytes it would take a gathering write. */
const SMALL_BYTES = 16 * 1024
/** Everything is at hand: one write. @returns true: the kernel took all of it at once; else `owner` is told later */
export function writeWhole(
  socket: Socket,
  plain: boolean,
  x: Exchange,
  reply: Reply,
  connection: '' | 'close' | 'keep-alive',
  owner: WriterOwner,
): boolean {
  const text = reply.takeText()
  const body = text === null ? (reply.take() as Buffer | null) : null
  const bodiless = x.method === 'HEAD' || reply.status === 204 || reply.status === 304
  const length = text === null ? (body?.length ?? 0) : text.length
  const head = writeHead(reply.status, reply.headers, bodiless ? 'none' : 'length', length, connection)
  if (bodiless || length === 0) return writeText(socket, plain, head, owner)
  x.outBytes = length
  if (length <= SMALL_BYTES) return writeText(socket, plain, head + (text ?? body!.toString('latin1')), owner)
  socket.cork()
  socket.write(head, 'latin1')
  socket.write(body ?? Buffer.from(text!, 'latin1'), telling(owner))
  socket.uncork()
  return false
}

/** Writes a body that is still to come. */
export class ReplyWriter implements BodySink {
  readonly #socket: Socket
  readonly #owner: WriterOwner
  readonly #x: Exchange
  #body: Body | null = null
  /** The head, until it leaves with the first bytes. */
  #head = ''
  #framing: Framing = 'none'
  #waiting = false
  #done = false

  constructor(socket: Socket, owner: WriterOwner, x: Exchange) {
    this.#socket = socket
    this.#owner = owner
    this.#x = x
  }

  send(reply: Reply, connection: '' | 'close' | 'keep-alive', closes: boolean): void {
    const body = reply.take() as Body
    const bodiless = this.#x.method === 'HEAD' || reply.status === 204 || reply.status === 304
    const { length } = body
    this.#framing = bodiless ? 'none' : length >= 0 ? 'length' : closes ? 'until-close' : 'chunked'
    this.#head = writeHead(reply.status, reply.headers, this.#framing, length, connection)
    if (bodiless) {
      body.cancel()
      this.#write(null)
      this.#finish()
    } else {
      this.#body = body
      body.start(this)
      // Nothing came at once (a slow upstream, an event stream): the head does not wait for it.
      if (this.#head !== '') this.#write(null)
    }
  }

  chunk(data: Buffer): boolean {
    if (this.#done || data.length === 0) return !this.#done
    this.#x.outBytes += data.length
    if (this.#framing === 'chunked') this.#writeChunk(data)
    else this.#write(data)
    return this.#flows()
  }

  end(trailers: Headers | null): void {
    if (this.#done) return
    this.#body = null
    if (this.#framing === 'chunked') this.#write(Buffer.from(lastChunk(trailers), 'latin1'))
    else if (this.#head !== '') this.#write(null)
    this.#finish()
  }

  /** Half of a reply must not look whole: cut the connection (RFC 9112 section 8). */
  error(error: Error): void {
    if (this.#done) return
    this.#done = true
    this.#body = null
    const x = this.#x
    if (!x.aborted) {
      x.error = error instanceof ProxyError ? error.type : 'http_response_incomplete'
      x.errorText = error.message
    }
    this.#socket.destroy()
  }

  /** The client is gone. */
  stop(): void {
    this.#done = true
    this.#body?.cancel()
    this.#body = null
  }

  #finish(): void {
    this.#done = true
    const socket = this.#socket
    // What the kernel took at once needs no callback to say so.
    if (socket.writableLength === 0) this.#owner.written()
    else socket.write('', telling(this.#owner))
  }

  #write(data: Buffer | null): void {
    const socket = this.#socket
    const head = this.#head
    this.#head = ''
    if (data === null) socket.write(head, 'latin1')
    else if (head === '') socket.write(data)
    else if (data.length <= SMALL_BYTES) socket.write(head + data.toString('latin1'), 'latin1')
    else {
      socket.cork()
      socket.write(head, 'latin1')
      socket.write(data)
      socket.uncork()
    }
  }

  #writeChunk(data: Buffer): void {
    const head = this.#head
    this.#head = ''
    const size = `${data.length.toString(16)}\r\n`
    const socket = this.#socket
    if (data.length <= SMALL_BYTES) socket.write(`${head}${size}${data.toString('latin1')}\r\n`, 'latin1')
    else {
      socket.cork()
      socket.write(head + size, 'latin1')
      socket.write(data)
      socket.write('\r\n', 'latin1')
      socket.uncork()
    }
  }

  /** @returns false when the client has not taken everything yet */
  #flows(): boolean {
    if (this.#waiting || this.#done) return !this.#waiting
    if (this.#socket.writableLength === 0) return true
    this.#waiting = true
    this.#owner.stalled(true)
    // What was written is lent: the source goes on when all of it has left.
    this.#socket.write('', error => {
      // Who closes the connection ends the exchange.
      if (error) return
      this.#waiting = false
      this.#owner.stalled(false)
      this.#body?.resume()
    })
    return false
  }
}
