// HTTP/1.1 from clients, first engine: node:http behind the wire seam, made strict.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { plainAddress } from '../../lib/client-address.ts'
import type { Gate, Refusal } from '../gate.ts'
import { readHead1 } from '../request-head.ts'
import { tlsDetail } from '../tls-detail.ts'
import { UpgradeEnd } from '../upgrade.ts'
import { Http1End } from './client-end.ts'
import { IncomingBody } from './incoming-body.ts'
import { refusalOf, refuseSocket } from './refuse.ts'

/** How often node checks its head timeout. */
const CHECK_MS = 5000

export class Http1Wire {
  /** Takes sockets by its 'connection' event. */
  readonly server: Server
  readonly #gate: Gate
  readonly #sockets = new Set<Socket>()
  #draining = false
  readonly #isDraining = (): boolean => this.#draining

  constructor(gate: Gate) {
    this.#gate = gate
    const { limits } = gate
    this.server = createServer({
      maxHeaderSize: limits.maxHeadBytes,
      headersTimeout: limits.headMs,
      requestTimeout: 0,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: CHECK_MS,
      noDelay: true,
      requireHostHeader: false,
      shouldUpgradeCallback: isWebSocket,
    } as Parameters<typeof createServer>[0])
    this.server.maxHeadersCount = 0
    this.server.maxRequestsPerSocket = limits.keepAliveRequests
    this.server.on('connection', socket => this.#track(socket))
    this.server.on('request', (request, response) => this.#request(request, response, false))
    this.server.on('checkContinue', (request, response) => this.#request(request, response, true))
    this.server.on('checkExpectation', (request, response) => this.#request(request, response, false))
    this.server.on('upgrade', (request, socket, early) => this.#upgrade(request, socket, early))
    this.server.on('connect', (request, socket) => this.#connect(request, socket))
    this.server.on('clientError', (error, socket) => this.#broken(error, socket))
  }

  get connections(): number {
    return this.#sockets.size
  }

  /** Idle connections close, busy ones after their answer; the rest is cut when the grace is over. */
  drain(): void {
    this.#draining = true
    this.server.closeIdleConnections()
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }

  #request(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const reading = readHead1(
      request.method!,
      request.url!,
      request.httpVersion,
      request.rawHeaders,
      this.#gate.limits,
    )
    if ('status' in reading) return this.#refuse(request, request.socket, reading)
    const body = reading.hasBody
      ? new IncomingBody(request, response, reading.contentLength || -1, expectsContinue, this.#gate.limits)
      : null
    const end = new Http1End(request, response, body, this.#gate, this.#isDraining)
    end.attach(this.#gate.accept(this.#head(request, reading, body, expectsContinue, ''), end))
  }

  #head(
    request: IncomingMessage,
    reading: Exclude<ReturnType<typeof readHead1>, Refusal>,
    body: IncomingBody | null,
    expectsContinue: boolean,
    upgrade: string,
  ) {
    const tls = tlsDetail(request.socket)
    return {
      method: request.method!,
      target: reading.target,
      scheme: tls === null ? ('http' as const) : ('https' as const),
      protocol: request.httpVersion,
      authority: reading.authority,
      headers: reading.headers,
      body,
      upgrade,
      expectsContinue,
      peer: plainAddress(request.socket.remoteAddress ?? ''),
      tls,
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, early: Buffer): void {
    const reading = readHead1(
      request.method!,
      request.url!,
      request.httpVersion,
      request.rawHeaders,
      this.#gate.limits,
    )
    if ('status' in reading) return this.#refuse(request, socket, reading)
    if (request.method !== 'GET' || !isWebSocket(request) || reading.hasBody) {
      return this.#refuse(request, socket, { status: 400, reason: 'bad_upgrade' })
    }
    const end = new UpgradeEnd(socket, early, this.#gate)
    end.attach(this.#gate.accept(this.#head(request, reading, null, false, 'websocket'), end))
  }

  /** A proxy for others is what we are not: never dial (RFC 9110 section 9.3.6). */
  #connect(request: IncomingMessage, socket: Duplex): void {
    this.#refuse(request, socket, { status: 405, reason: 'connect' })
  }

  #refuse(request: IncomingMessage, socket: Duplex, refusal: Refusal): void {
    refuseSocket(socket, refusal)
    const tls = tlsDetail(socket)
    this.#gate.refused({
      refusal,
      peer: plainAddress(request.socket.remoteAddress ?? ''),
      scheme: tls === null ? 'http' : 'https',
      protocol: request.httpVersion,
      method: request.method ?? '',
      authority: request.headers.host ?? '',
      target: request.url ?? '',
      tls,
    })
  }

  /** The parser gave up, or a head did not come in time. */
  #broken(error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket: Duplex): void {
    const refusal = refusalOf(error)
    if (refusal === undefined || !socket.writable) return void socket.destroy()
    const peer = plainAddress((socket as Socket).remoteAddress ?? '')
    refuseSocket(socket, refusal)
    const tls = tlsDetail(socket)
    const scheme = tls === null ? 'http' : 'https'
    this.#gate.refused({ refusal, peer, scheme, protocol: '', method: '', authority: '', target: '', tls })
  }
}

/** Only WebSocket switches protocols here; anything else is answered as plain HTTP/1.1. */
function isWebSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket'
}
