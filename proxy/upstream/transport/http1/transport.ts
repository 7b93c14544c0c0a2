// HTTP/1.1 to an upstream: a pool of kept-alive connections, the last used first.
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { nowMs } from '../../../lib/clock.ts'
import { Deadlines } from '../../../lib/deadlines.ts'
import { Feed } from '../../../lib/feed.ts'
import { HeadMemory } from '../../../lib/http1/head-memory.ts'
import { connectPrefaced } from '../prefaced.ts'
import type { Outgoing, Transport } from '../transport.ts'
import { upgrade } from '../upgrade.ts'
import { UpstreamConnection } from './connection.ts'
import type { ConnectionHost, ConnectionOptions } from './connection-host.ts'
import { type ReplyHead, readReplyHead } from './reply-head.ts'

export interface Http1Options extends ConnectionOptions {
  protocol: 'http' | 'https'
  /** Verify the upstream's certificate. */
  verify: boolean
}

/** Idle upstream sockets: 32 per target; 4 s or the server's hint less 2 s (Defaults of the design). */
const MAX_IDLE = 32
/** More than those rest for a moment: answers come in bursts, and to dial costs more than all the rest of a request. */
const SURPLUS_IDLE_MS = 1000
const MAX_SURPLUS = 1024
const IDLE_MS = 4000
const HINT_MARGIN_MS = 2000
const LONGEST_IDLE_MS = 600_000

export class Http1Transport implements Transport, ConnectionHost {
  readonly options: Http1Options
  readonly heads = new HeadMemory<ReplyHead>()
  readonly #idle: UpstreamConnection[] = []
  readonly #open = new Set<UpstreamConnection>()
  readonly #deadlines = new Deadlines()
  #session: Buffer | undefined
  #closing = false

  constructor(options: Http1Options) {
    this.options = options
  }

  send(out: Outgoing): void {
    if (out.upgrade === '') {
      if (out.preface === null) return this.#connection(out.fresh).send(out)
      return this.#sendPrefaced(out, out.preface)
    }
    upgrade(out, this.options).then(
      reply => out.replied(reply, nowMs()),
      error => out.failed(error),
    )
  }

  /** An upstream repeats its heads, too: while Date stays the same, the next answer to the same is the same. */
  readHead(text: string, method: string): ReplyHead | string {
    // The same bytes mean something else to HEAD.
    const known = method === 'HEAD' ? null : this.heads.recall(text)
    if (known !== null) return known
    const head = readReplyHead(text, method)
    if (typeof head !== 'string' && head.status >= 200 && method !== 'HEAD') this.heads.keep(text, head)
    return head
  }

  connections(): number {
    return this.#open.size
  }

  close(): void {
    this.#closing = true
    for (const connection of this.#idle.splice(0)) connection.destroy()
  }

  released(connection: UpstreamConnection, hintMs: number, atMs: number): void {
    const idleMs = hintMs < 0 ? IDLE_MS : Math.min(hintMs - HINT_MARGIN_MS, LONGEST_IDLE_MS)
    // With a preface each connection serves one client: the newest is likelier to be asked for than the oldest.
    if (connection.preface !== '' && this.#idle.length >= MAX_IDLE) this.#idle.shift()!.destroy()
    const kept = this.#idle.length
    if (this.#closing || idleMs <= 0 || kept >= MAX_SURPLUS) return connection.destroy()
    connection.rest(atMs + (kept < MAX_IDLE ? idleMs : Math.min(idleMs, SURPLUS_IDLE_MS)))
    this.#idle.push(connection)
  }

  closed(connection: UpstreamConnection): void {
    this.#open.delete(connection)
    this.#deadlines.remove(connection)
    const index = this.#idle.indexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
  }

  #connection(fresh: boolean): UpstreamConnection {
    for (let kept = fresh ? undefined : this.#idle.pop(); kept !== undefined; kept = this.#idle.pop())
      if (kept.usable) return kept
    return this.#opened(
      this.options.protocol === 'https'
        ? new UpstreamConnection(this, this.#dialTls(), null)
        : this.#dial(null),
    )
  }

  #opened(connection: UpstreamConnection): UpstreamConnection {
    this.#open.add(connection)
    this.#deadlines.add(connection)
    return connection
  }

  /** On a kept connection of the same client, else on a new one: before TLS comes the preface. */
  #sendPrefaced(out: Outgoing, preface: Buffer): void {
    const key = preface.toString('latin1')
    const kept = out.fresh
      ? undefined
      : this.#idle.findLast(connection => connection.preface === key && connection.usable)
    if (kept !== undefined) {
      this.#idle.splice(this.#idle.indexOf(kept), 1)
      return kept.send(out)
    }
    const begin = (connection: UpstreamConnection) => {
      connection.preface = key
      this.#opened(connection).send(out)
    }
    if (this.options.protocol === 'http') return begin(this.#dial(preface))
    const untilMs = nowMs() + this.options.connectMs
    connectPrefaced(
      out,
      preface,
      this.options,
      socket => {
        const connection = new UpstreamConnection(this, this.#dialTls(socket), null)
        connection.deadlineMs = untilMs
        begin(connection)
      },
      error => {
        out.onDone(false, nowMs())
        out.failed(error)
      },
    )
  }

  #dial(preface: Buffer | null): UpstreamConnection {
    const { host, port } = this.options
    const feed = new Feed()
    const socket = connect({ host, port, noDelay: true, onread: feed.onread })
    // Written as soon as the connection stands, before anything else can be.
    if (preface !== null) socket.write(preface)
    return new UpstreamConnection(this, socket, feed)
  }

  /** @param over the connection under it, where there is one */
  #dialTls(over?: Socket): Socket {
    const { host, port, verify } = this.options
    const name = host.replace(/^\[|\]$/g, '')
    const socket = connectTls({
      ...(over === undefined ? { host: name, port } : { socket: over }),
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
