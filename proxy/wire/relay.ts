// Two sides of a WebSocket joined: back-pressure and half-close both ways, one idle clock, a polite end.
import type { Duplex } from 'node:stream'
import type { Exchange } from '../pipeline/exchange.ts'
import type { Tunnel } from '../pipeline/reply.ts'
import { WebSocketFrames } from './websocket-frames.ts'

/** WebSocket close frame, 1001 going away: FIN, opcode 8, length 2 (RFC 6455 sections 5.5.1 and 7.4.1). */
const GOING_AWAY = Buffer.from([0x88, 0x02, 0x03, 0xe9])

export class Relay {
  readonly #x: Exchange
  readonly #client: Duplex
  readonly #upstream: Duplex
  readonly #early: Buffer
  readonly #cut: () => void
  readonly #idle: NodeJS.Timeout
  /** What the client is being told: a close frame fits only between two others. */
  readonly #toClient = new WebSocketFrames()
  #leaving = false

  /** @param cut ends the client's side so that nobody takes it for a proper end */
  constructor(x: Exchange, client: Duplex, { stream, early, idleMs }: Tunnel, cut: () => void) {
    this.#x = x
    this.#client = client
    this.#upstream = stream
    this.#early = early
    this.#cut = cut
    this.#idle = setTimeout(
      () => this.#fail('connection_read_timeout', 'the tunnel was idle'),
      idleMs,
    ).unref()
  }

  /** @param early what the client said before the upstream had agreed */
  start(early: readonly Buffer[]): void {
    const client = this.#client
    const upstream = this.#upstream
    if (this.#early.length > 0) this.#fromUpstream(this.#early)
    for (const chunk of early) this.#fromClient(chunk)
    client.on('data', (chunk: Buffer) => this.#fromClient(chunk))
    client.on('drain', () => upstream.resume())
    // Each half ends by itself.
    client.on('end', () => upstream.end())
    upstream.on('data', (chunk: Buffer) => this.#fromUpstream(chunk))
    upstream.on('drain', () => client.resume())
    upstream.on('end', () => client.end())
    upstream.on('error', () => this.#fail('connection_terminated', 'the upstream reset the tunnel'))
    upstream.on('close', () => {
      if (!client.writableEnded) this.#fail('connection_terminated', 'the upstream closed the tunnel')
      else if (!client.readableEnded) client.resume()
    })
    client.resume()
    upstream.resume()
  }

  /** 1001 as soon as the frame under way has ended. */
  goAway(): void {
    if (this.#leaving) return
    this.#leaving = true
    if (this.#toClient.atBoundary) this.#leave()
  }

  clientClosed(): void {
    clearTimeout(this.#idle)
    this.#upstream.destroy()
  }

  #fromClient(chunk: Buffer): void {
    this.#x.inBytes += chunk.length
    this.#idle.refresh()
    if (!this.#upstream.write(chunk)) this.#client.pause()
  }

  #fromUpstream(chunk: Buffer): void {
    if (this.#leaving && this.#toClient.atBoundary) return
    const boundary = this.#toClient.push(chunk)
    const last = this.#leaving && boundary >= 0
    const data = last ? chunk.subarray(0, boundary) : chunk
    this.#x.outBytes += data.length
    this.#idle.refresh()
    if (!this.#client.write(data)) this.#upstream.pause()
    if (last) this.#leave()
  }

  #leave(): void {
    this.#client.end(GOING_AWAY)
    this.#upstream.end()
  }

  #fail(type: 'connection_terminated' | 'connection_read_timeout', text: string): void {
    const x = this.#x
    if (x.error === '' && !this.#leaving) {
      x.error = type
      x.errorText = text
    }
    this.#cut()
  }
}
