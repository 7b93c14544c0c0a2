// A WebSocket handshake's end: the same stages as any request, then two pipes and nothing between.

import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Headers } from '../lib/headers.ts'
import type { Body, BodySink } from '../pipeline/body.ts'
import { ProxyError } from '../pipeline/errors.ts'
import type { ClientEnd, Exchange } from '../pipeline/exchange.ts'
import { abort } from '../pipeline/handle.ts'
import type { Reply, Tunnel } from '../pipeline/reply.ts'
import type { Gate } from './gate.ts'

/** A tunnel in which nothing moves either way for this long is dead (Defaults of the design). */
const IDLE_MS = 3_600_000

/** WebSocket close frame, 1001 going away: FIN, opcode 8, length 2 (RFC 6455 sections 5.5.1 and 7.4.1). */
const GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9])

const open = new Set<UpgradeEnd>()

/** On shutdown: tell every WebSocket client that we go, then end. */
export function closeTunnels(): void {
  for (const end of open) end.goAway()
}

export class UpgradeEnd implements ClientEnd, BodySink {
  readonly #socket: Duplex
  readonly #early: Buffer
  readonly #gate: Gate
  #x: Exchange | null = null
  #body: Body | null = null
  #tunnel: Tunnel | null = null
  #done = false

  /** @param early bytes after the handshake: they wait until the upstream has agreed */
  constructor(socket: Duplex, early: Buffer, gate: Gate) {
    this.#socket = socket
    this.#early = early
    this.#gate = gate
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#closed())
  }

  attach(x: Exchange): void {
    this.#x = x
  }

  send(x: Exchange, reply: Reply): void {
    this.#x = x
    if (this.#socket.destroyed) return reply.discard()
    if (reply.status === 101 && reply.tunnel !== null) return this.#join(x, reply, reply.tunnel)
    this.#refused(x, reply)
  }

  interim(): void {}

  /** The upstream said something other than 101: an ordinary answer, then the end. */
  #refused(x: Exchange, reply: Reply): void {
    const body = reply.take()
    // Its end would not be seen otherwise: it was paused for the sake of a tunnel.
    this.#socket.resume()
    reply.headers.delete('content-length')
    if (Buffer.isBuffer(body)) reply.headers.set('content-length', String(body.length))
    this.#socket.write(head(reply.status, reply.headers, 'connection: close\r\n'), 'latin1')
    if (body === null || Buffer.isBuffer(body)) {
      x.outBytes = body?.length ?? 0
      this.#socket.end(body ?? '')
    } else {
      this.#body = body
      this.#socket.on('drain', () => this.#body?.resume())
      body.start(this)
    }
  }

  chunk(data: Buffer): boolean {
    this.#x!.outBytes += data.length
    return this.#socket.write(Buffer.from(data))
  }

  end(): void {
    this.#body = null
    this.#socket.end()
  }

  error(error: Error): void {
    this.#body = null
    const x = this.#x!
    if (!x.aborted) {
      x.error = error instanceof ProxyError ? error.type : 'http_response_incomplete'
      x.errorText = error.message
    }
    this.#socket.destroy()
  }

  #join(x: Exchange, reply: Reply, tunnel: Tunnel): void {
    const client = this.#socket
    const upstream = tunnel.stream
    this.#tunnel = tunnel
    open.add(this)
    x.work = null
    client.write(head(101, reply.headers, 'connection: Upgrade\r\nupgrade: websocket\r\n'), 'latin1')
    if (tunnel.early.length > 0) client.write(tunnel.early)
    if (this.#early.length > 0) upstream.write(this.#early)
    x.outBytes += tunnel.early.length
    x.inBytes += this.#early.length
    const idle = setTimeout(() => client.destroy(), IDLE_MS)
    idle.unref()
    client.on('data', (chunk: Buffer) => {
      x.inBytes += chunk.length
      idle.refresh()
    })
    upstream.on('data', (chunk: Buffer) => {
      x.outBytes += chunk.length
      idle.refresh()
    })
    // pipe ends the other side on end: a half-closed tunnel stays half-open.
    client.pipe(upstream)
    upstream.pipe(client)
    upstream.on('error', () => client.destroy())
    upstream.on('close', () => client.destroySoon?.() ?? client.end())
    client.on('close', () => {
      clearTimeout(idle)
      upstream.destroy()
    })
  }

  goAway(): void {
    this.#tunnel?.stream.unpipe(this.#socket)
    this.#socket.end(GOING_AWAY)
  }

  #closed(): void {
    if (this.#done) return
    this.#done = true
    open.delete(this)
    const x = this.#x
    if (x === null) return
    if (this.#tunnel === null && !this.#socket.writableFinished) abort(x)
    this.#body?.cancel()
    this.#gate.finished(x)
  }
}

declare module 'node:stream' {
  interface Duplex {
    /** net.Socket: destroy after what is written has left. */
    destroySoon?(): void
  }
}

function head(status: number, headers: Headers, extra: string): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${extra}`
  for (let i = 0; i < headers.flat.length; i += 2) text += `${headers.flat[i]}: ${headers.flat[i + 1]}\r\n`
  return `${text}\r\n`
}
