// Collects a body as it passes, to be stored only if it is whole (RFC 9111 section 3.3).
import type { Body, Tap } from '../../pipeline/body.ts'
import type { CacheStore } from './store.ts'

export type FillEnd = Buffer | 'incomplete' | 'too-large' | 'memory'

export class Fill implements Tap {
  readonly #store: CacheStore
  readonly #announced: number
  readonly #maxBytes: number
  readonly #done: (end: FillEnd) => void
  #chunks: Buffer[] = []
  #bytes = 0
  #open = true

  /** @param announced Content-Length, −1 when there was none */
  constructor(store: CacheStore, announced: number, maxBytes: number, done: (end: FillEnd) => void) {
    this.#store = store
    this.#announced = announced
    this.#maxBytes = maxBytes
    this.#done = done
  }

  chunk(data: Buffer): void {
    if (!this.#open) return
    if (this.#bytes + data.length > this.#maxBytes) return this.#close('too-large')
    if (!this.#store.reserve(data.length)) return this.#close('memory')
    this.#bytes += data.length
    // Lent, so copied; small bodies come whole, and the copy is what is stored.
    this.#chunks.push(Buffer.from(data))
  }

  end(complete: boolean): void {
    if (!this.#open) return
    const whole = complete && (this.#announced < 0 || this.#announced === this.#bytes)
    this.#close(whole ? this.#join() : 'incomplete')
  }

  /** A buffer of its own: a chunk is a window on a larger one, which it would keep alive. */
  #join(): Buffer {
    const body = Buffer.allocUnsafeSlow(this.#bytes)
    let at = 0
    for (const chunk of this.#chunks) at += chunk.copy(body, at)
    return body
  }

  #close(end: FillEnd): void {
    this.#open = false
    this.#chunks = []
    this.#store.release(this.#bytes)
    this.#done(end)
  }
}

/** Reads a body for the tap alone: nobody else wants it. */
export function drain(body: Body | Buffer | null, tap: Tap): void {
  if (body === null || Buffer.isBuffer(body)) {
    if (body !== null) tap.chunk(body)
    return tap.end(true)
  }
  body.start({
    chunk(data) {
      tap.chunk(data)
      return true
    },
    end: () => tap.end(true),
    error: () => tap.end(false),
  })
}
