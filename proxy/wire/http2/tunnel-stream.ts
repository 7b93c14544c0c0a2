// A stream in the place of a connection: a WebSocket's, with its bytes as DATA (RFC 8441 section 5).
import { Duplex } from 'node:stream'
import { nowMs } from '../../lib/clock.ts'
import type { Headers } from '../../lib/headers.ts'
import { H2 } from '../../lib/http2-codes.ts'
import { ByteQueue } from './byte-queue.ts'
import type { LiveStream, StreamHost } from './live-stream.ts'
import { ReceiveWindow } from './receive-window.ts'

/** What is read ahead of whoever takes it; the rest waits within the stream's window. */
const READ_AHEAD = 16 * 1024
/** One stream's turn among those that wait for the connection. */
const TURN_BYTES = 64 * 1024

export class TunnelStream extends Duplex implements LiveStream {
  readonly id: number
  window: number
  ended = false
  readonly #host: StreamHost
  readonly #waiting = new ByteQueue()
  #wanted = true
  readonly #receives: ReceiveWindow
  /** What is being written, from `#at` on. */
  #rest: Buffer | null = null
  #at = 0
  #written: (() => void) | null = null
  #headSent = false
  /** Our side has ended. */
  #sent = false
  #over = false
  #code: number = H2.CANCEL

  constructor(id: number, host: StreamHost) {
    super({ readableHighWaterMark: READ_AHEAD, writableHighWaterMark: TURN_BYTES })
    this.id = id
    this.window = host.initialWindow
    this.#host = host
    this.#receives = new ReceiveWindow(id, host)
  }

  /** @param ends no body follows */
  respond(status: number, headers: Headers, ends: boolean): void {
    if (this.#over || this.#headSent) return
    this.#headSent = true
    this.#sent = ends
    this.#host.outbox.add(this.#host.fields.head(this.id, status, headers, ends))
  }

  interim(status: number, headers: Headers): void {
    if (this.#over || this.#headSent) return
    this.#host.outbox.add(this.#host.fields.head(this.id, status, headers, false))
  }

  /** RST_STREAM, unless both sides have ended. */
  close(code: number): void {
    this.#code = code
    this.destroy()
  }

  counted(bytes: number, padding: number): number {
    return this.#receives.counted(bytes, padding)
  }

  received(chunk: Buffer): number {
    if (!this.#wanted) this.#waiting.push(chunk)
    else this.#give(chunk)
    return 0
  }

  finished(): number {
    this.ended = true
    this.#receives.close()
    if (this.#waiting.bytes === 0) this.push(null)
    return 0
  }

  /** A tunnel has no record of its own to say so in: its end says that it broke off. */
  blame(): void {}

  cut(): void {
    if (this.#over) return
    this.#over = true
    this.destroy()
  }

  flow(): void {
    const rest = this.#rest
    if (rest === null || this.#over) return
    const host = this.#host
    while (this.#at < rest.length) {
      const room = Math.min(rest.length - this.#at, this.window, host.window, TURN_BYTES)
      if (room <= 0 || host.outbox.full) {
        if (this.window > 0) host.wait(this, false)
        return
      }
      host.outbox.addData(this.id, rest, this.#at, this.#at + room, host.fields.maxFrame, false)
      this.#at += room
      this.window -= room
      host.window -= room
    }
    const written = this.#written!
    this.#rest = this.#written = null
    written()
  }

  override _read(): void {
    this.#wanted = true
    while (this.#wanted) {
      const chunk = this.#waiting.shift()
      if (chunk === null) break
      this.#give(chunk)
    }
    if (this.ended && this.#waiting.bytes === 0) this.push(null)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (chunk.length === 0 || this.#over) return done()
    this.#rest = chunk
    this.#at = 0
    this.#written = done
    this.flow()
  }

  override _final(done: () => void): void {
    if (!this.#sent && !this.#over) {
      this.#sent = true
      this.#host.outbox.addLast(this.id, '')
    }
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#receives.close()
    this.#host.consumed(this.#waiting.bytes)
    this.#waiting.clear()
    if (!this.#over) {
      this.#over = true
      if (this.#sent && this.ended) this.#host.closed(this, nowMs())
      else this.#host.reset(this, this.#code)
    }
    this.#written?.()
    this.#written = null
    done(error)
  }

  #give(chunk: Buffer): void {
    this.#wanted = this.push(chunk)
    this.#receives.used(chunk.length)
  }
}
