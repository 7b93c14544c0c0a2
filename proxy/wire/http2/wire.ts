// HTTP/2 from clients: node:http2 behind the wire seam, one session per TLS connection.
import {
  constants,
  type IncomingHttpHeaders,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { Connection } from '../../pipeline/connection.ts'
import type { RequestHead } from '../../pipeline/exchange.ts'
import type { Gate, Refusal } from '../gate.ts'
import { originOf } from '../origin.ts'
import { readHead2 } from '../request-head2.ts'
import { tlsDetail } from '../tls-detail.ts'
import { Http2End } from './client-end.ts'
import { StreamBody } from './stream-body.ts'

/** 1 MiB for the connection, 256 KiB a stream: what a fast client needs on a long line. */
const STREAM_WINDOW = 256 * 1024
const CONNECTION_WINDOW = 1024 * 1024
/** Resets beyond this burst and rate are an attack (CVE-2023-44487): the session gets GOAWAY. */
const RESET_BURST = 200
const RESETS_PER_SECOND = 20

interface Peer {
  connection: Connection
  socket: TLSSocket
}

export class Http2Wire {
  readonly #gate: Gate
  readonly #sessions = new Set<ServerHttp2Session>()
  #draining = false

  constructor(gate: Gate) {
    this.#gate = gate
  }

  get connections(): number {
    return this.#sessions.size
  }

  /** Speak HTTP/2 on this connection from now on. */
  take(socket: TLSSocket): void {
    const { limits } = this.#gate
    const session = performServerHandshake(socket, {
      settings: {
        maxConcurrentStreams: limits.maxStreams,
        initialWindowSize: STREAM_WINDOW,
        maxHeaderListSize: limits.maxHeadBytes,
        enablePush: false,
      },
      maxHeaderListPairs: limits.maxFields + 8,
      maxSessionMemory: 16,
      maxOutstandingPings: 10,
      streamResetBurst: RESET_BURST,
      streamResetRate: RESETS_PER_SECOND,
      strictFieldWhitespaceValidation: false,
    } as Parameters<typeof performServerHandshake>[1])
    this.#sessions.add(session)
    session.on('error', () => session.destroy())
    session.on('close', () => this.#sessions.delete(session))
    session.setTimeout(limits.keepAliveMs, () => session.close())
    session.setLocalWindowSize(CONNECTION_WINDOW)
    const peer: Peer = { connection: originOf(socket), socket }
    session.on('stream', (stream, fields, _flags, raw) => this.#stream(peer, stream, fields, raw))
    if (this.#draining) session.close()
  }

  /** GOAWAY: running streams end, new ones go elsewhere. */
  drain(): void {
    this.#draining = true
    for (const session of this.#sessions) session.close()
  }

  cut(): void {
    for (const session of this.#sessions) session.destroy()
  }

  #stream(peer: Peer, stream: ServerHttp2Stream, fields: IncomingHttpHeaders, raw: string[]): void {
    stream.on('error', () => {})
    const method = String(fields[':method'])
    const reading = readHead2(raw, fields, this.#gate.limits)
    if ('status' in reading) return this.#refuse(peer, stream, fields, reading)
    const ended = stream.endAfterHeaders
    const length = reading.headers.has('content-length') ? reading.contentLength : -1
    if (ended && length > 0) return this.#refuse(peer, stream, fields, { status: 400, reason: 'short_body' })
    const expectsContinue = reading.headers.get('expect')?.toLowerCase() === '100-continue'
    const body =
      ended || length === 0 ? null : new StreamBody(stream, length, expectsContinue, this.#gate.limits)
    const head: RequestHead = {
      method,
      target: reading.target,
      scheme: 'https',
      protocol: '2',
      authority: reading.authority,
      headers: reading.headers,
      upgrade: '',
      expectsContinue,
      connection: peer.connection,
      tls: tlsDetail(peer.socket),
      place: null,
    }
    const end = new Http2End(stream, body, this.#gate)
    end.attach(this.#gate.accept(head, end, body))
  }

  #refuse(
    { connection, socket }: Peer,
    stream: ServerHttp2Stream,
    fields: IncomingHttpHeaders,
    refusal: Refusal,
  ): void {
    if (refusal.reason.endsWith('_in_h2')) stream.close(constants.NGHTTP2_PROTOCOL_ERROR)
    else {
      stream.respond({
        ':status': refusal.status,
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
      })
      stream.end(`${refusal.status} (${refusal.reason})\n`)
    }
    this.#gate.refused({
      refusal,
      connection,
      scheme: 'https',
      protocol: '2',
      method: String(fields[':method'] ?? ''),
      authority: String(fields[':authority'] ?? fields.host ?? ''),
      target: String(fields[':path'] ?? ''),
      tls: tlsDetail(socket),
      bytes: `${String(fields[':method'] ?? '')} ${String(fields[':path'] ?? '')}`,
    })
  }
}
