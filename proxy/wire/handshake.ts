// How a client hears whether its WebSocket may begin: a status line over HTTP/1.1, a HEADERS frame over HTTP/2.
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { Headers } from '../lib/headers.ts'
import { H2 } from '../lib/http2-codes.ts'
import { STATUS_CODES } from '../lib/status-codes.ts'
import { fieldsByName, flatFields } from './http2/fields.ts'

/** After our last word an HTTP/1.1 client may take so long to close its side. */
const LINGER_MS = 2000

export interface Handshake {
  /** The client's end of the tunnel to come. */
  readonly duplex: Duplex
  /** The upstream agreed. */
  accept(headers: Headers): void
  /** It did not: an ordinary answer, after which the client has no more to say. */
  refuse(status: number, headers: Headers, bodiless: boolean): void
  interim(status: number, headers: Headers): void
  /** The tunnel, or the answer, broke off: never to be taken for its end. */
  cut(): void
}

export class Http1Handshake implements Handshake {
  readonly duplex: Duplex

  constructor(socket: Duplex) {
    this.duplex = socket
  }

  accept(headers: Headers): void {
    this.duplex.write(head(101, headers, 'connection: Upgrade\r\nupgrade: websocket\r\n'), 'latin1')
  }

  refuse(status: number, headers: Headers): void {
    this.duplex.write(head(status, headers, 'connection: close\r\n'), 'latin1')
    this.duplex.once('finish', () => setTimeout(() => this.duplex.destroy(), LINGER_MS).unref())
  }

  interim(status: number, headers: Headers): void {
    this.duplex.write(head(status, headers, ''), 'latin1')
  }

  cut(): void {
    this.duplex.destroy()
  }
}

/** RFC 8441 section 5: 200 instead of 101, no proof of a key, a stream in the place of the connection. */
export class Http2Handshake implements Handshake {
  readonly duplex: ServerHttp2Stream
  #refused = false

  constructor(stream: ServerHttp2Stream) {
    this.duplex = stream
  }

  accept(headers: Headers): void {
    headers.delete('sec-websocket-accept')
    this.#respond(200, headers, false)
  }

  refuse(status: number, headers: Headers, bodiless: boolean): void {
    this.#refused = true
    this.#respond(status, headers, bodiless)
    if (bodiless) this.duplex.close(H2.NO_ERROR)
  }

  interim(status: number, headers: Headers): void {
    if (status === 100 || this.duplex.headersSent || this.duplex.closed) return
    try {
      this.duplex.additionalHeaders(fieldsByName(headers, { ':status': status }))
    } catch {
      // A hint that cannot be sent is no loss.
    }
  }

  cut(): void {
    this.duplex.close(H2.CANCEL)
  }

  #respond(status: number, headers: Headers, endStream: boolean): void {
    const stream = this.duplex
    if (stream.destroyed || stream.closed) return
    // Without trailers to wait for, node:http2 would end a stream cleanly before it resets it.
    try {
      stream.respond(flatFields(status, headers), { endStream, waitForTrailers: !endStream })
    } catch {
      // A field that node:http2 will not send must cost this stream, not the worker.
      return stream.close(H2.INTERNAL_ERROR)
    }
    stream.on('wantTrailers', () => {
      stream.sendTrailers({})
      // The end of our side leaves in the next round of the event loop; the client's is not waited for.
      if (this.#refused) setImmediate(() => stream.close(H2.NO_ERROR))
    })
  }
}

function head(status: number, headers: Headers, extra: string): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${extra}`
  for (let i = 0; i < headers.flat.length; i += 2) text += `${headers.flat[i]}: ${headers.flat[i + 1]}\r\n`
  return `${text}\r\n`
}
