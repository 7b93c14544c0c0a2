// A socket without a network: bytes go in when a test says so, in pieces of its choosing, and all at once.
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Feed } from '../../../proxy/lib/feed.ts'

export class FakeSocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1'
  readonly writableLength = 0
  written = ''
  destroyed = false
  /** We said our last word. */
  ended = false
  #paused = false
  readonly #waiting: Buffer[] = []
  readonly #feed: Feed | null
  #buffer: Buffer

  /** @param feed null: pieces come as `data` events */
  constructor(feed: Feed | null) {
    super()
    this.#feed = feed
    this.#buffer = feed?.onread.buffer() ?? Buffer.alloc(0)
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
    while (!this.#paused && !this.destroyed && this.#waiting.length > 0) {
      const piece = this.#waiting.shift()!
      if (this.#feed === null) this.emit('data', piece)
      else this.#read(piece, this.#feed)
    }
  }

  /** As net.Socket reads into a buffer that is lent: who keeps a view of it for longer reads garbage. */
  #read(piece: Buffer, feed: Feed): void {
    const buffer = this.#buffer
    const { leased } = feed
    piece.copy(buffer)
    if (feed.onread.callback(piece.length) === false) this.#paused = true
    // The next connection's bytes.
    if (!leased) buffer.fill(0x7e, 0, piece.length)
    this.#buffer = feed.onread.buffer() ?? buffer
  }
}
