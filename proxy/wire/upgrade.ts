// A WebSocket handshake's end: the same stages as any request, then two pipes and nothing between.
import type { Duplex } from 'node:stream'
import type { Headers } from '../lib/headers.ts'
import type { Body, BodySink } from '../pipeline/body.ts'
import { ProxyError } from '../pipeline/errors.ts'
import type { ClientEnd, Exchange } from '../pipeline/exchange.ts'
import { abort } from '../pipeline/handle.ts'
import type { Reply, Tunnel } from '../pipeline/reply.ts'
import type { Gate } from './gate.ts'
import { type Handshake, Http1Handshake } from './handshake.ts'
import { Relay } from './relay.ts'

/** What a client may say before the upstream has agreed; it waits here, and then in the client's own buffers. */
const EARLY_MAX = 64 * 1024
/** A client that takes nothing of a refusal for this long holds memory for nothing. */
const STALL_MS = 30_000

const open = new Set<UpgradeEnd>()

/** On shutdown: tell every WebSocket client that we go, then end. */
export function closeTunnels(): void {
  for (const end of open) end.goAway()
}

export class UpgradeEnd implements ClientEnd, BodySink {
  readonly #client: Duplex
  readonly #handshake: Handshake
  readonly #gate: Gate
  #early: Buffer[] = []
  #earlyBytes = 0
  #x: Exchange | null = null
  #body: Body | null = null
  #relay: Relay | null = null
  #stall: NodeJS.Timeout | null = null
  #done = false

  /** @param early bytes after the handshake: they wait until the upstream has agreed */
  constructor(client: Duplex, early: Buffer, gate: Gate, handshake: Handshake = new Http1Handshake(client)) {
    this.#client = client
    this.#handshake = handshake
    this.#gate = gate
    if (early.length > 0) this.#onEarly(early)
    client.on('data', this.#onEarly)
    client.on('end', this.#onEnd)
    client.on('error', () => client.destroy())
    client.on('close', () => this.#closed())
    if (this.#earlyBytes <= EARLY_MAX) client.resume()
  }

  attach(x: Exchange): void {
    this.#x = x
  }

  send(x: Exchange, reply: Reply): void {
    this.#x = x
    if (this.#client.destroyed) return reply.discard()
    if (reply.status === 101 && reply.tunnel !== null) return this.#join(x, reply, reply.tunnel)
    this.#refused(x, reply)
  }

  interim(_x: Exchange, status: number, headers: Headers): void {
    if (!this.#client.destroyed) this.#handshake.interim(status, headers)
  }

  /** The upstream said something other than 101: an ordinary answer, then the end. */
  #refused(x: Exchange, reply: Reply): void {
    const body = reply.take()
    const { headers } = reply
    headers.delete('content-length')
    if (Buffer.isBuffer(body)) headers.set('content-length', String(body.length))
    this.#early = []
    // Its end would not be seen otherwise: it may have been held for the sake of a tunnel.
    this.#client.resume()
    this.#handshake.refuse(reply.status, headers, body === null)
    this.#holdStall()
    if (body === null || Buffer.isBuffer(body)) {
      x.outBytes = body?.length ?? 0
      this.#client.end(body ?? '')
    } else {
      this.#body = body
      this.#client.on('drain', () => {
        this.#holdStall()
        this.#body?.resume()
      })
      body.start(this)
    }
  }

  chunk(data: Buffer): boolean {
    this.#x!.outBytes += data.length
    // Lent bytes: what waits for a slow client is kept.
    return this.#client.write(Buffer.from(data))
  }

  end(): void {
    this.#body = null
    this.#client.end()
  }

  error(error: Error): void {
    this.#body = null
    const x = this.#x!
    if (!x.aborted) {
      x.error = error instanceof ProxyError ? error.type : 'http_response_incomplete'
      x.errorText = error.message
    }
    this.#handshake.cut()
  }

  #join(x: Exchange, reply: Reply, tunnel: Tunnel): void {
    const client = this.#client
    client.off('data', this.#onEarly).off('end', this.#onEnd)
    x.work = null
    open.add(this)
    this.#handshake.accept(reply.headers)
    this.#relay = new Relay(x, client, tunnel, () => this.#handshake.cut())
    this.#relay.start(this.#early)
    this.#early = []
  }

  goAway(): void {
    this.#relay?.goAway()
  }

  readonly #onEarly = (chunk: Buffer): void => {
    // After a refusal nobody listens any more.
    if (this.#body !== null || this.#client.writableEnded) return
    this.#early.push(chunk)
    this.#earlyBytes += chunk.length
    if (this.#earlyBytes > EARLY_MAX) this.#client.pause()
  }

  /** A client that ends before it has its answer has left. */
  readonly #onEnd = (): void => {
    if (!this.#client.writableEnded && this.#body === null) this.#handshake.cut()
  }

  #holdStall(): void {
    if (this.#stall === null) this.#stall = setTimeout(() => this.#handshake.cut(), STALL_MS).unref()
    else this.#stall.refresh()
  }

  #closed(): void {
    if (this.#done) return
    this.#done = true
    open.delete(this)
    if (this.#stall !== null) clearTimeout(this.#stall)
    this.#relay?.clientClosed()
    const x = this.#x
    if (x === null) return
    if (this.#relay === null && !this.#client.writableFinished) abort(x)
    this.#body?.cancel()
    this.#gate.finished(x)
  }
}
