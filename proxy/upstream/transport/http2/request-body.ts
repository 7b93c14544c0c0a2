// A request's body onto an HTTP/2 stream: its window holds the client back; trailers follow the last byte.
import type { ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import type { Headers } from '../../../lib/headers.ts'
import type { Body, BodySink } from '../../../pipeline/body.ts'

/** Who wants to know how the body fares. */
export interface RequestBodyOwner {
  /** A piece has left, or all of it. */
  bodyMoved(): void
  bodyFailed(error: Error): void
}

export class Http2RequestBody implements BodySink {
  /** Everything is written. */
  sent = false
  readonly #body: Body
  readonly #stream: ClientHttp2Stream
  readonly #owner: RequestBodyOwner
  #trailers: Headers | null = null
  #left: number
  #stopped = false

  constructor(body: Body, stream: ClientHttp2Stream, owner: RequestBodyOwner) {
    this.#body = body
    this.#stream = stream
    this.#owner = owner
    this.#left = body.length
    stream.on('drain', () => {
      if (this.#stopped) return
      owner.bodyMoved()
      body.resume()
    })
    stream.on('wantTrailers', () => stream.sendTrailers(toFields(this.#trailers)))
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
    if (this.#stopped) return false
    if (this.#left >= 0) {
      this.#left -= data.length
      // A client's length was checked by its wire; this guards the upstream against any other source.
      if (this.#left < 0) {
        this.#owner.bodyFailed(new Error('the body is longer than its Content-Length'))
        return false
      }
    }
    this.#owner.bodyMoved()
    // Lent bytes: node:http2 sends later.
    return this.#stream.write(Buffer.from(data))
  }

  end(trailers: Headers | null): void {
    if (this.#stopped) return
    if (this.#left > 0)
      return this.#owner.bodyFailed(new Error('the body is shorter than its Content-Length'))
    this.#trailers = trailers
    this.sent = true
    this.#stream.end()
    this.#owner.bodyMoved()
  }

  error(error: Error): void {
    if (!this.#stopped) this.#owner.bodyFailed(error)
  }
}

function toFields(headers: Headers | null): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = {}
  if (headers === null) return fields
  for (let i = 0; i < headers.flat.length; i += 2) {
    const name = headers.flat[i]!
    fields[name] ??= headers.all(name)
  }
  return fields
}
