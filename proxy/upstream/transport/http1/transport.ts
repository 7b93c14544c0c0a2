// HTTP/1.1 to an upstream: a pool of kept-alive connections, the last used first.
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { nowMs } from '../../../lib/clock.ts'
import { Deadlines } from '../../../lib/deadlines.ts'
import type { Reply } from '../../../pipeline/reply.ts'
import type { Outgoing, Transport } from '../transport.ts'
import { upgrade } from '../upgrade.ts'
import { type ConnectionHost, type ConnectionOptions, UpstreamConnection } from './connection.ts'

export interface Http1Options extends ConnectionOptions {
  protocol: 'http' | 'https'
  /** Verify the upstream's certificate. */
  verify: boolean
}

/** Idle upstream sockets: 32 per target; 4 s or the server's hint less 2 s (Defaults of the design). */
const MAX_IDLE = 32
const IDLE_MS = 4000
const HINT_MARGIN_MS = 2000
const LONGEST_IDLE_MS = 600_000

/** One for all connections: each read is used, or copied, before the next. No buffer is made per read. */
const READ_BUFFER = Buffer.allocUnsafeSlow(64 * 1024)

export class Http1Transport implements Transport, ConnectionHost {
  readonly options: Http1Options
  readonly #idle: UpstreamConnection[] = []
  readonly #open = new Set<UpstreamConnection>()
  readonly #deadlines = new Deadlines()
  #session: Buffer | undefined
  #closing = false

  constructor(options: Http1Options) {
    this.options = options
  }

  send(out: Outgoing): Promise<Reply> {
    if (out.upgrade !== '') return upgrade(out, this.options)
    return new Promise((resolve, reject) => this.#connection().send(out, resolve, reject))
  }

  connections(): number {
    return this.#open.size
  }

  close(): void {
    this.#closing = true
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }

  released(connection: UpstreamConnection, hintMs: number): void {
    const idleMs = hintMs < 0 ? IDLE_MS : Math.min(hintMs - HINT_MARGIN_MS, LONGEST_IDLE_MS)
    if (this.#closing || idleMs <= 0 || this.#idle.length >= MAX_IDLE) return connection.destroy()
    connection.rest(nowMs() + idleMs)
    this.#idle.push(connection)
  }

  closed(connection: UpstreamConnection): void {
    this.#open.delete(connection)
    this.#deadlines.remove(connection)
    const index = this.#idle.indexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
  }

  #connection(): UpstreamConnection {
    for (let kept = this.#idle.pop(); kept !== undefined; kept = this.#idle.pop())
      if (kept.usable) return kept
    const connection =
      this.options.protocol === 'https'
        ? new UpstreamConnection(this, this.#dialTls(), 'secureConnect')
        : this.#dial()
    this.#open.add(connection)
    this.#deadlines.add(connection)
    return connection
  }

  #dial(): UpstreamConnection {
    const { host, port } = this.options
    const socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback(bytes) {
          connection.received(READ_BUFFER.subarray(0, bytes))
          return true
        },
      },
    })
    const connection = new UpstreamConnection(this, socket, 'connect')
    return connection
  }

  #dialTls(): Socket {
    const { host, port, verify } = this.options
    const name = host.replace(/^\[|\]$/g, '')
    const socket = connectTls({
      host: name,
      port,
      servername: isIP(name) ? '' : name,
      rejectUnauthorized: verify,
      ALPNProtocols: ['http/1.1'],
      ...(this.#session === undefined ? {} : { session: this.#session }),
    })
    socket.on('session', session => {
      this.#session = session
    })
    return socket.setNoDelay(true)
  }
}
