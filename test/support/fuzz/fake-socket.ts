// A socket without a network: bytes go in when a test says so, in pieces of its choosing, and all at once.
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'

export class FakeSocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1'
  readonly writableLength = 0
  written = ''
  destroyed = false
  /** We said our last word. */
  ended = false
  #paused = false
  readonly #waiting: Buffer[] = []
  readonly #deliver: (piece: Buffer) => void

  /** @param deliver how a piece reaches the reader; as a `data` event by default */
  constructor(deliver?: (piece: Buffer) => void) {
    super()
    this.#deliver = deliver ?? (piece => this.emit('data', piece))
  }

  /** What the connections under test take it for. */
  get asSocket(): Socket {
    return this as unknown as Socket
  }

  /** The other side's bytes. */
  feed(piece: Buffer): void {
    this.#waiting.push(piece)
    this.#flow()
  }

  write(data: string | Buffer, encoding?: unknown, done?: unknown): boolean {
    this.written += typeof data === 'string' ? data : data.toString('latin1')
    const callback = typeof encoding === 'function' ? encoding : done
    if (typeof callback === 'function') callback()
    return true
  }

  end(data?: string | Buffer): this {
    if (data !== undefined) this.write(data)
    this.ended = true
    return this
  }

  destroy(): this {
    if (this.destroyed) return this
    this.destroyed = true
    this.emit('close')
    return this
  }

  pause(): this {
    this.#paused = true
    return this
  }

  resume(): this {
    this.#paused = false
    this.#flow()
    return this
  }

  isPaused(): boolean {
    return this.#paused
  }

  cork(): void {}

  uncork(): void {}

  #flow(): void {
    while (!this.#paused && !this.destroyed && this.#waiting.length > 0) this.#deliver(this.#waiting.shift()!)
  }
}
