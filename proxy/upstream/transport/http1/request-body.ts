// A request's body on its way to an upstream: by its length, or in chunks where nobody knows it.
import type { Socket } from 'node:net'
import type { Headers } from '../../../lib/headers.ts'
import { lastChunk } from '../../../lib/http1/last-chunk.ts'
import type { Body, BodySink } from '../../../pipeline/body.ts'

export class RequestBody implements BodySink {
  /** Everything is written. */
  sent = false
  readonly #body: Body
  readonly #socket: Socket
  readonly #failed: (error: Error) => void
  #left: number
  #stopped = false
  #draining = false

  constructor(body: Body, socket: Socket, failed: (error: Error) => void) {
    this.#body = body
    this.#socket = socket
    this.#failed = failed
    this.#left = body.length
  }

  start(): void {
    this.#body.start(this)
  }

  /** Nobody reads it any more. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    if (!this.sent) this.#body.cancel()
  }

  chunk(data: Buffer): boolean {
    if (this.#stopped || this.#socket.destroyed) return false
    if (this.#left < 0) {
      this.#writeChunk(data)
      return this.#flows()
    }
    this.#left -= data.length
    // A client's length was checked by its wire; this guards the upstream against any other source.
    if (this.#left < 0) this.#failed(new Error('the body is longer than its Content-Length'))
    else this.#socket.write(data)
    return this.#left >= 0 && this.#flows()
  }

  /** Behind a body that is sent by its length there is no room for trailers (RFC 9112 section 6.2). */
  end(trailers: Headers | null): void {
    if (this.#stopped) return
    if (this.#body.length < 0) this.#socket.write(lastChunk(trailers), 'latin1')
    else if (this.#left > 0) return this.#failed(new Error('the body is shorter than its Content-Length'))
    this.sent = true
  }

  error(error: Error): void {
    if (!this.#stopped) this.#failed(error)
  }

  #writeChunk(data: Buffer): void {
    const socket = this.#socket
    socket.cork()
    socket.write(`${data.length.toString(16)}\r\n`, 'latin1')
    socket.write(data)
    socket.write('\r\n', 'latin1')
    socket.uncork()
  }

  /** What was written is lent: the source goes on when all of it has left. */
  #flows(): boolean {
    if (this.#draining) return false
    if (this.#socket.writableLength === 0) return true
    this.#draining = true
    this.#socket.write('', () => {
      this.#draining = false
      if (!this.#stopped) this.#body.resume()
    })
    return false
  }
}
