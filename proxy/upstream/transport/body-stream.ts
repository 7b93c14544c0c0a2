// A Body as a Readable, for a transport that wants a stream. It does not start before it is read.
import { Readable } from 'node:stream'
import type { Headers } from '../../lib/headers.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'

export class BodyStream extends Readable implements BodySink {
  readonly #body: Body
  #started = false
  #finished = false

  constructor(body: Body) {
    super({ highWaterMark: 64 * 1024 })
    this.#body = body
  }

  override _read(): void {
    if (this.#started) return this.#body.resume()
    this.#started = true
    this.#body.start(this)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#finished && this.#started) this.#body.cancel(error ?? undefined)
    done(error)
  }

  chunk(data: Buffer): boolean {
    return this.push(Buffer.from(data))
  }

  end(_trailers: Headers | null): void {
    this.#finished = true
    this.push(null)
  }

  error(error: Error): void {
    this.#finished = true
    this.destroy(error)
  }
}
