// The client's end of an HTTP/2 exchange: a Reply onto a stream.
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import type { Headers } from '../../lib/headers.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import type { ClientEnd, Exchange } from '../../pipeline/exchange.ts'
import { abort } from '../../pipeline/handle.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { Gate } from '../gate.ts'
import type { StreamBody } from './stream-body.ts'

/** A client that opens no window for this long holds memory for nothing. */
const STALL_MS = 30_000

export class Http2End implements ClientEnd, BodySink {
  readonly #stream: ServerHttp2Stream
  readonly #incoming: StreamBody | null
  readonly #gate: Gate
  #x: Exchange | null = null
  #body: Body | null = null
  #trailers: Headers | null = null
  #stall: NodeJS.Timeout | null = null
  #complete = false

  constructor(stream: ServerHttp2Stream, incoming: StreamBody | null, gate: Gate) {
    this.#stream = stream
    this.#incoming = incoming
    this.#gate = gate
    stream.on('close', () => this.#closed())
  }

  attach(x: Exchange): void {
    this.#x = x
  }

  send(x: Exchange, reply: Reply): void {
    this.#x = x
    const stream = this.#stream
    if (stream.destroyed || stream.closed) return reply.discard()
    const body = reply.take()
    const bodiless = body === null || x.method === 'HEAD' || reply.status === 204 || reply.status === 304
    const fields = fieldsOf(reply.headers)
    fields[':status'] = reply.status
    const streams = !bodiless && !Buffer.isBuffer(body)
    stream.respond(fields, { endStream: bodiless, waitForTrailers: streams })
    if (bodiless) {
      this.#complete = true
      if (body !== null && !Buffer.isBuffer(body)) body.cancel()
    } else if (Buffer.isBuffer(body)) {
      x.outBytes = body.length
      this.#complete = true
      stream.end(body)
    } else {
      this.#body = body
      stream.on('drain', () => this.#drained())
      stream.on('wantTrailers', () =>
        stream.sendTrailers(this.#trailers === null ? {} : fieldsOf(this.#trailers)),
      )
      body.start(this)
    }
  }

  interim(_x: Exchange, status: number, headers: Headers): void {
    if (this.#stream.headersSent || this.#stream.destroyed || status === 100) return
    const fields = fieldsOf(headers)
    fields[':status'] = status
    this.#stream.additionalHeaders(fields)
  }

  chunk(data: Buffer): boolean {
    this.#x!.outBytes += data.length
    const flows = this.#stream.write(Buffer.from(data))
    if (!flows && this.#stall === null) {
      this.#stall = setTimeout(() => this.#stream.close(constants.NGHTTP2_CANCEL), STALL_MS)
      this.#stall.unref()
    }
    return flows
  }

  end(trailers: Headers | null): void {
    this.#body = null
    this.#trailers = trailers
    this.#complete = true
    this.#stream.end()
  }

  /** RST_STREAM says that what came is not the whole (RFC 9113 section 8.1). */
  error(error: Error): void {
    const x = this.#x!
    this.#body = null
    if (!x.aborted) {
      x.error = error instanceof ProxyError ? error.type : 'http_response_incomplete'
      x.errorText = error.message
    }
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }

  #drained(): void {
    if (this.#stall !== null) clearTimeout(this.#stall)
    this.#stall = null
    this.#body?.resume()
  }

  #closed(): void {
    if (this.#stall !== null) clearTimeout(this.#stall)
    const x = this.#x
    if (x === null) return
    x.inBytes = this.#incoming?.bytes ?? 0
    const cut = !this.#complete || this.#stream.rstCode !== constants.NGHTTP2_NO_ERROR
    if (cut && x.error === '') abort(x)
    else if (cut) x.aborted = true
    this.#body?.cancel()
    this.#gate.finished(x)
  }
}

function fieldsOf(headers: Headers): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = {}
  const { flat } = headers
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const before = fields[name]
    if (before === undefined) fields[name] = flat[i + 1]!
    else if (Array.isArray(before)) before.push(flat[i + 1]!)
    else fields[name] = [String(before), flat[i + 1]!]
  }
  return fields
}
