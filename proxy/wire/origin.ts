// Whose connection a socket is: its own two ends, or those that a PROXY header named.
import type { Socket } from 'node:net'
import { plainAddress } from '../lib/client-address.ts'
import type { Connection } from '../pipeline/connection.ts'
import type { ProxyHeader } from './proxy-protocol.ts'

const headers = new WeakMap<Socket, ProxyHeader>()
let connections = 0

/** What a PROXY header said of this socket, before anybody asks for its origin. */
export function setOrigin(socket: Socket, header: ProxyHeader): void {
  headers.set(socket, header)
}

/** Once for each connection: this counts it. */
export function originOf(socket: Socket): Connection {
  return new SocketOrigin(socket, headers.get(socket))
}

/** Ports and the local end are read when somebody asks, which few do. */
class SocketOrigin implements Connection {
  readonly number = ++connections
  readonly peer: string
  readonly named: boolean
  readonly #socket: Socket
  readonly #header: (ProxyHeader & { kind: 'client' }) | undefined

  constructor(socket: Socket, header: ProxyHeader | undefined) {
    this.#socket = socket
    this.#header = header?.kind === 'client' ? header : undefined
    this.peer = this.#header?.source.address ?? plainAddress(socket.remoteAddress ?? '')
    this.named = header?.kind !== 'unknown'
  }

  get peerPort(): number {
    return this.#header?.source.port ?? this.#socket.remotePort ?? 0
  }

  get localAddress(): string {
    return this.#header?.destination.address ?? plainAddress(this.#socket.localAddress ?? '')
  }

  get localPort(): number {
    return this.#header?.destination.port ?? this.#socket.localPort ?? 0
  }
}
