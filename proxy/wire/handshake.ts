// How a client hears whether its WebSocket may begin: a status line over HTTP/1.1, a HEADERS frame over HTTP/2.
import type { Duplex } from 'node:stream'
import type { Headers } from '../lib/headers.ts'
import { H2 } from '../lib/http2-codes.ts'
import { STATUS_CODES } from '../lib/status-codes.ts'
import type { TunnelStream } from './http2/tunnel-stream.ts'

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
  readonly duplex: TunnelStream

  constructor(stream: TunnelStream) {
    this.duplex = stream
  }

  accept(headers: Headers): void {
    headers.delete('sec-websocket-accept')
    this.duplex.respond(200, headers, false)
  }

  /** The end of the client's own side is not waited for. */
  refuse(status: number, headers: Headers, bodiless: boolean): void {
    this.duplex.once('finish', () => this.duplex.close(H2.NO_ERROR))
    this.duplex.respond(status, headers, bodiless)
  }

  interim(status: number, headers: Headers): void {
    if (status !== 100) this.duplex.interim(status, headers)
  }

  cut(): void {
    this.duplex.close(H2.CANCEL)
  }
}

function head(status: number, headers: Headers, extra: string): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${extra}`
  for (let i = 0; i < headers.flat.length; i += 2) text += `${headers.flat[i]}: ${headers.flat[i + 1]}\r\n`
  return `${text}\r\n`
}
