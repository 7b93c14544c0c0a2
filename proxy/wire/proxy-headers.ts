// Connections that must begin with a PROXY header: read it, note whom it names, hand the rest on untouched.
import type { Socket } from 'node:net'
import { nowMs } from '../lib/clock.ts'
import { Deadlines, type Due } from '../lib/deadlines.ts'
import type { Feed, Reader } from '../lib/feed.ts'
import type { Connection } from '../pipeline/connection.ts'
import type { Gate } from './gate.ts'
import { originOf, setOrigin } from './origin.ts'
import { type ProxyHeader, readProxyHeader } from './proxy-protocol.ts'

export type ProxyRefusal =
  | 'bad_proxy_header'
  | 'bad_proxy_checksum'
  | 'proxy_header_too_large'
  | 'proxy_header_timeout'

/** On shutdown a header may just be on its way. */
const LAST_CALL_MS = 500

type Scheme = 'http' | 'https'

export class ProxyHeaders {
  readonly #gate: Gate
  readonly #waiting = new Set<Waiting>()
  readonly #deadlines = new Deadlines()
  /** Headers of connections whose TLS is being set up, by real peer: a TLS socket does not know its TCP socket. */
  readonly #beforeTls = new Map<string, ProxyHeader>()

  constructor(gate: Gate) {
    this.#gate = gate
  }

  get connections(): number {
    return this.#waiting.size
  }

  /**
   * Who must send a header to this listener is asked for each connection: a reload may change it.
   * @param next takes the connection: at once, or when its header has been read
   */
  admit(scheme: Scheme, socket: Socket, feed: Feed | null, next: () => void): void {
    const senders = this.#gate.proxySenders[scheme]
    if (senders === null) return next()
    const { remoteAddress } = socket
    // Gone before it was taken, as checks of ports are: nobody can say whether what it sent may be believed.
    if (remoteAddress === undefined) return void socket.destroy()
    if (senders(remoteAddress)) this.#read(scheme, socket, feed, next)
    else next()
  }

  #read(scheme: Scheme, socket: Socket, feed: Feed | null, next: () => void): void {
    const waiting = new Waiting(socket, feed, nowMs() + this.#gate.limits.headMs, {
      named: header => {
        if (scheme === 'http') setOrigin(socket, header)
        else this.#remember(socket, header)
        next()
      },
      refused: (reason, bytes) => this.#refuse(scheme, originOf(socket), reason, bytes),
      done: () => {
        this.#waiting.delete(waiting)
        this.#deadlines.remove(waiting)
      },
    })
    this.#waiting.add(waiting)
    this.#deadlines.add(waiting)
  }

  /** TLS is set up: what was said of the TCP connection holds for this socket. */
  adopt(secure: Socket): void {
    if (this.#beforeTls.size === 0) return
    const header = this.#beforeTls.get(peerKey(secure))
    if (header !== undefined) setOrigin(secure, header)
  }

  drain(): void {
    for (const waiting of this.#waiting) waiting.deadlineMs = nowMs() + LAST_CALL_MS
  }

  cut(): void {
    for (const waiting of this.#waiting) waiting.destroy()
  }

  #remember(socket: Socket, header: ProxyHeader): void {
    const key = peerKey(socket)
    this.#beforeTls.set(key, header)
    socket.once('close', () => this.#beforeTls.delete(key))
  }

  #refuse(scheme: Scheme, connection: Connection, reason: ProxyRefusal, bytes: Buffer): void {
    this.#gate.refused({
      // Nothing is answered: what the sender expects to hear, and in which protocol, is not known.
      refusal: { status: reason === 'proxy_header_timeout' ? 408 : 400, reason },
      connection,
      scheme,
      method: '',
      target: '',
      tls: null,
      bytes: bytes.toString('latin1'),
    })
  }
}

const peerKey = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`

interface Outcome {
  named(header: ProxyHeader): void
  refused(reason: ProxyRefusal, bytes: Buffer): void
  /** No longer waiting, before any of the above. */
  done(): void
}

/** One connection until its header is whole. */
class Waiting implements Due, Reader {
  deadlineMs: number
  readonly #socket: Socket
  readonly #feed: Feed | null
  readonly #outcome: Outcome
  #bytes: Buffer = Buffer.alloc(0)

  constructor(socket: Socket, feed: Feed | null, deadlineMs: number, outcome: Outcome) {
    this.#socket = socket
    this.#feed = feed
    this.#outcome = outcome
    this.deadlineMs = deadlineMs
    if (feed === null) socket.on('data', this.#onData)
    else feed.reader = this
    socket.on('end', this.#onEnd).on('error', this.#onError).on('close', this.#onClose)
  }

  onDeadline(): void {
    this.#refuse('proxy_header_timeout')
  }

  destroy(): void {
    this.#socket.destroy()
  }

  readonly #onData = (chunk: Buffer): void => void this.received(chunk, chunk.length)

  /** The bytes are lent: see `Feed`. */
  received(buffer: Buffer, length: number): boolean {
    this.#bytes = Buffer.concat([this.#bytes, buffer.subarray(0, length)])
    const reading = readProxyHeader(this.#bytes)
    if (reading === undefined) return true
    if ('fault' in reading) {
      this.#refuse(reading.fault)
      return true
    }
    this.#leave()
    return this.#pass(reading.header, this.#bytes.subarray(reading.length))
  }

  /** The connection goes to its reader with the bytes that came behind the header. @returns false: enough for now */
  #pass(header: ProxyHeader, rest: Buffer): boolean {
    if (this.#feed !== null) {
      this.#outcome.named(header)
      return rest.length === 0 || (this.#feed.reader?.received(rest, rest.length) ?? true)
    }
    this.#socket.pause()
    if (rest.length > 0) this.#socket.unshift(rest)
    this.#outcome.named(header)
    // TLS reads below the stream; whoever reads the stream itself needs it to flow.
    if (this.#socket.listenerCount('data') > 0) this.#socket.resume()
    return true
  }

  /** Connected and gone without a byte: how balancers see whether a port is open. */
  readonly #onEnd = (): void => {
    if (this.#bytes.length === 0) this.destroy()
    else this.#refuse('bad_proxy_header')
  }

  readonly #onError = (): void => this.destroy()
  readonly #onClose = (): void => this.#outcome.done()

  #refuse(reason: ProxyRefusal): void {
    this.#leave()
    this.#outcome.refused(reason, this.#bytes)
    this.#socket.on('error', this.#onError)
    this.#socket.destroy()
  }

  #leave(): void {
    this.#socket
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('error', this.#onError)
      .off('close', this.#onClose)
    this.#outcome.done()
  }
}
