// A client's HTTP/2 connection: its streams, its limits, what it may not do without end, its polite end.
import type { performServerHandshake, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { TlsDetail } from '../../../telemetry/record.ts'
import type { BriefDeadlines } from '../../lib/brief-deadlines.ts'
import { nowMs } from '../../lib/clock.ts'
import type { Due } from '../../lib/deadlines.ts'
import { END_STREAM, H2 } from '../../lib/http2-codes.ts'
import { nodeHttp2 } from '../../lib/node-http2.ts'
import type { Connection } from '../../pipeline/connection.ts'
import type { RequestHead } from '../../pipeline/exchange.ts'
import type { Gate, Refusal } from '../gate.ts'
import { Http2Handshake } from '../handshake.ts'
import { originOf } from '../origin.ts'
import { type HeadReading2, readHead2 } from '../request-head2.ts'
import { tlsDetail } from '../tls-detail.ts'
import { UpgradeEnd } from '../upgrade.ts'
import { Http2End, listen, type StreamHost } from './client-end.ts'
import { Flood } from './flood.ts'
import { refuse } from './refuse.ts'
import { StreamBody } from './stream-body.ts'

/** 1 MiB for the connection, 256 KiB a stream: what a fast client needs on a long line. */
const STREAM_WINDOW = 256 * 1024
const CONNECTION_WINDOW = 1024 * 1024
/** Resets beyond this burst and rate are an attack (CVE-2023-44487): the session gets GOAWAY. */
const RESET_BURST = 200
const RESETS_PER_SECOND = 20
/** Malformed requests of one connection before it is ended; also frames that node:http2 itself finds invalid. */
const MALFORMED_MAX = 100
/** PING and SETTINGS frames of a client, each, in ten seconds; PRIORITY frames. */
const CONTROL_FRAMES = 100
const PRIORITY_FRAMES = 1000
const FLOOD_MS = 10_000
const NONE = Buffer.alloc(0)
const ignore = (): void => {}

/** The last head of this connection, as it came and as it was read. */
interface KnownHead {
  readonly raw: readonly string[]
  readonly contentLength: number
  readonly head: RequestHead
}

export class ClientSession implements Due, StreamHost {
  /** Without a stream it is sent away then. */
  deadlineMs: number
  /** Of all streams. */
  readonly deadlines: BriefDeadlines
  readonly #gate: Gate
  readonly #session: ServerHttp2Session
  readonly #connection: Connection
  readonly #tls: TlsDetail | null
  #malformed = 0
  #last: KnownHead | null = null
  #open = 0

  /** @param streams the deadlines of all streams */
  constructor(socket: TLSSocket, gate: Gate, streams: BriefDeadlines, closed: () => void) {
    this.#gate = gate
    this.deadlines = streams
    this.deadlineMs = nowMs() + gate.limits.keepAliveMs
    this.#connection = originOf(socket)
    this.#tls = tlsDetail(socket)
    const { limits } = gate
    const session = nodeHttp2().performServerHandshake(socket, {
      settings: {
        maxConcurrentStreams: limits.maxStreams,
        initialWindowSize: STREAM_WINDOW,
        maxHeaderListSize: limits.maxHeadBytes,
        enablePush: false,
        enableConnectProtocol: true,
      },
      maxHeaderListPairs: limits.maxFields + 8,
      maxSessionMemory: 16,
      maxOutstandingPings: 10,
      maxSessionInvalidFrames: MALFORMED_MAX,
      maxSessionRejectedStreams: MALFORMED_MAX,
      streamResetBurst: RESET_BURST,
      streamResetRate: RESETS_PER_SECOND,
      // Spaces around a value are cut off here, as over HTTP/1.1, rather than the field dropped.
      strictFieldWhitespaceValidation: false,
    } as Parameters<typeof performServerHandshake>[1])
    this.#session = session
    session.on('error', () => session.destroy())
    session.on('close', closed)
    session.setLocalWindowSize(CONNECTION_WINDOW)
    session.on('stream', (stream, _fields, flags, raw) => this.#stream(stream, flags, raw))
    this.#watchFloods()
  }

  /** GOAWAY with the last stream taken: those run to their end, a later one the client may safely send elsewhere. */
  drain(): void {
    this.#session.close()
  }

  destroy(): void {
    this.#session.destroy()
  }

  /** Idle for too long. node:http2 has a timer for that, too, which it sets anew several times for each request. */
  onDeadline(): void {
    this.#session.close()
  }

  ended(atMs: number): void {
    if (--this.#open === 0) this.deadlineMs = atMs + this.#gate.limits.keepAliveMs
  }

  #watchFloods(): void {
    const session = this.#session
    const watch = (event: 'ping' | 'remoteSettings' | 'priority', most: number): void => {
      const flood = new Flood(most, FLOOD_MS)
      session.on(event, () => {
        if (flood.add(nowMs())) this.#calm()
      })
    }
    watch('ping', CONTROL_FRAMES)
    watch('remoteSettings', CONTROL_FRAMES)
    watch('priority', PRIORITY_FRAMES)
  }

  /** RFC 9113 section 10.5: a peer that makes work for nothing is sent away. */
  #calm(): void {
    if (!this.#session.destroyed) this.#session.destroy(new Error('too much of it'), H2.ENHANCE_YOUR_CALM)
  }

  #stream(stream: ServerHttp2Stream, flags: number, raw: string[]): void {
    listen.call(stream, 'error', ignore)
    const known = this.#read(raw)
    if ('status' in known) return this.#refuse(stream, raw, known)
    const { head, contentLength } = known
    const ended = (flags & END_STREAM) !== 0
    if (head.upgrade !== '') return this.#tunnel(stream, head)
    const body =
      ended || contentLength === 0 ? null : new StreamBody(stream, contentLength, head, this.#gate.limits)
    this.#begun()
    const end = new Http2End(stream, body, this.#gate, this)
    end.attach(this.#gate.accept(head, end, body))
  }

  #begun(): void {
    this.#open++
    this.deadlineMs = Number.POSITIVE_INFINITY
  }

  /** A client repeats its heads: the same one is read once, and what was concluded from it holds. */
  #read(raw: string[]): KnownHead | Refusal {
    const last = this.#last
    if (last !== null && isSame(last.raw, raw)) return last
    const reading = readHead2(raw, this.#gate.limits)
    if ('status' in reading) return reading
    this.#last = { raw, contentLength: reading.contentLength, head: this.#requestHead(reading) }
    return this.#last
  }

  /** RFC 8441: a stream becomes a WebSocket's, whatever becomes of the handshake. */
  #tunnel(stream: ServerHttp2Stream, head: RequestHead): void {
    this.#begun()
    stream.on('close', () => this.ended(nowMs()))
    const end = new UpgradeEnd(stream, NONE, this.#gate, new Http2Handshake(stream))
    end.attach(this.#gate.accept(head, end, null))
  }

  #requestHead(reading: HeadReading2): RequestHead {
    return {
      method: reading.method,
      target: reading.target,
      scheme: 'https',
      protocol: '2',
      authority: reading.authority,
      headers: reading.headers,
      upgrade: reading.upgrade,
      expectsContinue: reading.expectsContinue,
      connection: this.#connection,
      tls: this.#tls,
      place: null,
    }
  }

  #refuse(stream: ServerHttp2Stream, raw: readonly string[], refusal: Refusal): void {
    const malformed = refuse(stream, refusal)
    const field = (name: string): string => raw[raw.indexOf(name) + 1] ?? ''
    const has = (name: string): string => (raw.includes(name) ? field(name).slice(0, 1024) : '')
    this.#gate.refused({
      refusal,
      connection: this.#connection,
      scheme: 'https',
      protocol: '2',
      method: has(':method'),
      authority: has(':authority'),
      target: has(':path'),
      tls: this.#tls,
      bytes: raw.slice(0, 40).join(' ').slice(0, 1024),
    })
    if (malformed && ++this.#malformed >= MALFORMED_MAX) this.#calm()
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) return false
  return true
}
