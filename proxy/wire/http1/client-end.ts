// The client's end of an HTTP/1.1 exchange: a Reply onto a ServerResponse.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Headers } from '../../lib/headers.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import type { ClientEnd, Exchange } from '../../pipeline/exchange.ts'
import { abort } from '../../pipeline/handle.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { Gate } from '../gate.ts'
import type { IncomingBody } from './incoming-body.ts'

/** A client that takes nothing for this long holds memory for nothing. */
const STALL_MS = 30_000

export class Http1End implements ClientEnd, BodySink {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #gate: Gate
  readonly #incoming: IncomingBody | null
  readonly #draining: () => boolean
  #x: Exchange | null = null
  #body: Body | null = null
  #stall: NodeJS.Timeout | null = null
  /** Bytes of a body that is known to come whole in its first chunk; −1: any other. */
  #expected = -1
  #whole = false

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    incoming: IncomingBody | null,
    gate: Gate,
    draining: () => boolean,
  ) {
    this.#request = request
    this.#response = response
    this.#incoming = incoming
    this.#gate = gate
    this.#draining = draining
    response.on('close', () => this.#closed())
  }

  /** The exchange this end belongs to; told once it exists. */
  attach(x: Exchange): void {
    this.#x = x
  }

  send(x: Exchange, reply: Reply): void {
    this.#x = x
    const response = this.#response
    const body = reply.take()
    if (response.destroyed) return this.#drop(body)
    if (this.#draining() || this.#mustClose()) response.shouldKeepAlive = false
    const bodiless = x.method === 'HEAD' || reply.status === 204 || reply.status === 304
    response.writeHead(reply.status, reply.headers.flat)
    if (body === null || bodiless) {
      if (body !== null) this.#drop(body)
      response.end()
    } else if (Buffer.isBuffer(body)) {
      x.outBytes = body.length
      endWith(response, body)
    } else {
      this.#body = body
      this.#expected = body.length
      body.start(this)
    }
  }

  interim(x: Exchange, status: number, headers: Headers): void {
    if (x.protocol === '1.0' || this.#response.headersSent || status === 100) return
    const fields: Record<string, string[]> = {}
    for (let i = 0; i < headers.flat.length; i += 2)
      (fields[headers.flat[i]!] ??= []).push(headers.flat[i + 1]!)
    if (status === 103 && fields.link !== undefined) {
      this.#response.writeEarlyHints(fields as Record<string, string[]> & { link: string[] })
    }
  }

  chunk(data: Buffer): boolean {
    const x = this.#x!
    if (data.length === this.#expected && x.outBytes === 0) {
      this.#whole = true
      x.outBytes = data.length
      endWith(this.#response, data)
      return true
    }
    x.outBytes += data.length
    return this.#response.write(data) || this.#wait()
  }

  end(trailers: Headers | null): void {
    this.#body = null
    if (this.#whole) return
    if (trailers !== null && this.#response.chunkedEncoding) this.#response.addTrailers(pairs(trailers))
    this.#response.end()
  }

  /** Half of a reply must not look whole: cut the connection (RFC 9112 section 8). */
  error(error: Error): void {
    const x = this.#x!
    this.#body = null
    if (!x.aborted) {
      x.error = error instanceof ProxyError ? error.type : 'http_response_incomplete'
      x.errorText = error.message
    }
    this.#response.destroy()
  }

  /** Bytes of the request body that came. */
  get receivedBytes(): number {
    return this.#incoming?.bytes ?? 0
  }

  /** The rest of an unread body would be taken for the next request. */
  #mustClose(): boolean {
    return this.#incoming !== null && !this.#request.complete
  }

  /** The client takes no more just now. @returns false: the source is to hold */
  #wait(): false {
    if (this.#stall !== null) return false
    this.#stall = setTimeout(() => this.#response.destroy(), STALL_MS)
    this.#stall.unref()
    this.#response.once('drain', () => {
      if (this.#stall !== null) clearTimeout(this.#stall)
      this.#stall = null
      this.#body?.resume()
    })
    return false
  }

  #drop(body: Body | Buffer | null): void {
    if (body !== null && !Buffer.isBuffer(body)) body.cancel()
  }

  #closed(): void {
    if (this.#stall !== null) clearTimeout(this.#stall)
    const x = this.#x
    if (x === null) return
    x.inBytes = this.receivedBytes
    if (!this.#response.writableFinished && x.error === '') abort(x)
    else if (!this.#response.writableFinished) x.aborted = true
    this.#body?.cancel()
    this.#gate.finished(x)
  }
}

/** As text a small body leaves in one write with the head; as bytes it would take a gathering write. */
const SMALL_BYTES = 16 * 1024

function endWith(response: ServerResponse, data: Buffer): void {
  if (data.length <= SMALL_BYTES) response.end(data.toString('latin1'), 'latin1')
  else response.end(data)
}

function pairs(headers: Headers): [string, string][] {
  const list: [string, string][] = []
  for (let i = 0; i < headers.flat.length; i += 2) list.push([headers.flat[i]!, headers.flat[i + 1]!])
  return list
}
