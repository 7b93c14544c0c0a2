// One HTTP/2 connection to an upstream: as many requests at once as it allows, until it says GOAWAY.
import type { ClientHttp2Session, ClientSessionOptions } from 'node:http2'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { nowMs } from '../../../lib/clock.ts'
import type { Due } from '../../../lib/deadlines.ts'
import { nodeHttp2 } from '../../../lib/node-http2.ts'
import { ProxyError } from '../../../pipeline/errors.ts'
import { asTransportError } from '../errors.ts'
import type { StreamTimes } from './patience.ts'
import type { StreamHost, UpstreamStream } from './stream.ts'

export interface SessionTarget extends StreamTimes {
  protocol: 'h2' | 'h2c'
  host: string
  port: number
  /** Verify the upstream's certificate. */
  verify: boolean
}

/** What a session needs of its pool. */
export interface SessionHost {
  readonly target: SessionTarget
  ready(session: UpstreamSession): void
  /** A stream has ended: there is room for another. */
  room(): void
  /** It takes no more requests; those under way go on. */
  retired(session: UpstreamSession): void
  closed(session: UpstreamSession, error: ProxyError): void
}

/** 1 MiB for the connection, 256 KiB a stream: what a fast upstream needs on a long line. */
const STREAM_WINDOW = 256 * 1024
const CONNECTION_WINDOW = 1024 * 1024
const MAX_HEAD_BYTES = 64 * 1024
const MAX_FIELDS = 1000
/** However many streams a peer allows, one connection carries no more at once. */
const MAX_STREAMS = 1000
/** A connection without streams is closed after this. */
const IDLE_MS = 60_000
/** After this much silence the next request asks with PING whether anybody is there; servers punish more. */
const SILENT_MS = 30_000
const FOREVER = Number.POSITIVE_INFINITY

export class UpstreamSession implements Due, StreamHost {
  deadlineMs: number
  readonly session: ClientHttp2Session
  readonly scheme: string
  reused = false
  lastStreamId = FOREVER
  lost: Error | null = null
  #state: 'dialing' | 'ready' | 'retired' | 'closed' = 'dialing'
  #streams = 0
  #allowed = MAX_STREAMS
  #heardMs = nowMs()
  #pinging = false
  readonly #host: SessionHost
  readonly #socket: Socket

  constructor(host: SessionHost, tlsSession: Buffer | undefined) {
    const { target } = host
    this.#host = host
    this.scheme = target.protocol === 'h2' ? 'https' : 'http'
    this.deadlineMs = nowMs() + target.connectMs
    this.#socket = target.protocol === 'h2' ? dialTls(target, tlsSession) : dial(target)
    this.#socket.on('error', error => {
      this.lost ??= error
    })
    this.#socket.on('close', () => {
      this.lost ??= new Error('the connection closed')
    })
    this.session = nodeHttp2().connect(`${this.scheme}://upstream`, {
      createConnection: () => this.#socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW, maxHeaderListSize: MAX_HEAD_BYTES },
      maxHeaderListPairs: MAX_FIELDS,
      maxSessionMemory: 64,
      strictSingleValueFields: false,
    } as ClientSessionOptions)
    this.#listen()
  }

  get dialing(): boolean {
    return this.#state === 'dialing'
  }

  get hasRoom(): boolean {
    return this.#state === 'ready' && this.#streams < this.#allowed
  }

  /** For the next connection to the same target: TLS goes on where this one was. */
  onTlsSession(keep: (session: Buffer) => void): void {
    this.#socket.on('session', keep)
  }

  take(stream: UpstreamStream): void {
    if (nowMs() - this.#heardMs > SILENT_MS) this.#ping()
    this.#streams++
    this.deadlineMs = this.#pinging ? this.deadlineMs : FOREVER
    stream.begin(this)
    this.reused = true
  }

  heard(): void {
    this.#heardMs = nowMs()
  }

  streamClosed(): void {
    if (--this.#streams === 0) {
      if (this.#state === 'retired') this.session.close()
      else if (this.#state === 'ready' && !this.#pinging) this.deadlineMs = nowMs() + IDLE_MS
    }
    this.#host.room()
  }

  onDeadline(): void {
    if (this.#state === 'dialing') this.#lose(this.#timeout('connect timed out'))
    else if (this.#pinging) this.#lose(new Error('no answer to PING'))
    else this.retire()
  }

  /** GOAWAY: what is under way ends, then the connection. */
  retire(): void {
    if (this.#state === 'closed') return
    if (this.#state === 'dialing') return this.#lose(new Error('closed'))
    this.#retired()
    // Closing at once would take back what is written but not yet sent.
    if (this.#streams === 0) this.session.close()
  }

  #listen(): void {
    const { session } = this
    session.on('connect', () => this.#connected())
    // A peer's first frame is its SETTINGS: only then do we know that it speaks HTTP/2, and how much it takes.
    session.on('remoteSettings', settings => {
      this.#allowed = Math.min(MAX_STREAMS, settings.maxConcurrentStreams ?? MAX_STREAMS)
      this.heard()
      if (this.#state === 'dialing') this.#ready()
      else this.#host.room()
    })
    session.on('goaway', (_code, lastStreamId) => {
      this.lastStreamId = lastStreamId
      this.#retired()
    })
    session.on('error', error => {
      this.lost ??= error
    })
    session.on('close', () => this.#closed())
  }

  #connected(): void {
    const { target } = this.#host
    if (target.protocol === 'h2' && (this.#socket as TLSSocket).alpnProtocol !== 'h2') {
      const text = `the upstream does not speak HTTP/2 (${target.host}:${target.port})`
      return this.#lose(new ProxyError('tls_protocol_error', text, { unsent: true }))
    }
    this.session.setLocalWindowSize(CONNECTION_WINDOW)
  }

  #ready(): void {
    this.#state = 'ready'
    this.deadlineMs = nowMs() + IDLE_MS
    this.#host.ready(this)
  }

  #ping(): void {
    if (this.#pinging) return
    const sent = this.session.ping(() => {
      this.#pinging = false
      this.heard()
      this.deadlineMs = this.#streams === 0 ? nowMs() + IDLE_MS : FOREVER
    })
    if (!sent) return
    this.#pinging = true
    this.deadlineMs = nowMs() + this.#host.target.connectMs
  }

  #retired(): void {
    if (this.#state === 'retired' || this.#state === 'closed') return
    this.#state = 'retired'
    this.deadlineMs = FOREVER
    this.#host.retired(this)
  }

  #lose(error: Error): void {
    this.lost = error
    this.session.destroy(error)
  }

  #closed(): void {
    if (this.#state === 'closed') return
    const dialing = this.#state === 'dialing'
    this.#state = 'closed'
    this.deadlineMs = FOREVER
    const { target } = this.#host
    const attempt = { connectedUs: dialing ? -1 : 0 }
    this.#host.closed(this, dialError(this.lost ?? new Error('closed'), attempt, target))
  }

  #timeout(text: string): ProxyError {
    const { host, port } = this.#host.target
    return new ProxyError('connection_timeout', `${text} (${host}:${port})`, { unsent: true })
  }
}

/** A connection that never stood: nothing was sent on it. */
function dialError(error: Error, attempt: { connectedUs: number }, target: SessionTarget): ProxyError {
  const known = asTransportError(error, { attempt }, target)
  return known.unsent
    ? known
    : new ProxyError(known.type, known.message, { unsent: attempt.connectedUs < 0, cause: error })
}

function dial({ host, port }: SessionTarget): Socket {
  return connect({ host, port, noDelay: true })
}

function dialTls({ host, port, verify }: SessionTarget, session: Buffer | undefined): Socket {
  return connectTls({
    host,
    port,
    servername: isIP(host) ? '' : host,
    rejectUnauthorized: verify,
    ALPNProtocols: ['h2'],
    ...(session === undefined ? {} : { session }),
  }).setNoDelay(true)
}
