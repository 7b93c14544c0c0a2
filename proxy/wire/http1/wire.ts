// HTTP/1.1 from clients: every connection, its deadlines, and their common end.
import type { Socket } from 'node:net'
import { Deadlines } from '../../lib/deadlines.ts'
import type { Feed } from '../../lib/feed.ts'
import type { Gate } from '../gate.ts'
import { ClientConnection } from './connection.ts'
import type { ConnectionHost } from './connection-host.ts'

export class Http1Wire implements ConnectionHost {
  readonly gate: Gate
  draining = false
  readonly #connections = new Set<ClientConnection>()
  readonly #deadlines = new Deadlines()

  constructor(gate: Gate) {
    this.gate = gate
  }

  get connections(): number {
    return this.#connections.size
  }

  /** Speak HTTP/1.1 on this connection from now on. */
  take(socket: Socket, feed: Feed | null): void {
    socket.on('error', destroy)
    const connection = new ClientConnection(socket, feed, this)
    this.#connections.add(connection)
    this.#deadlines.add(connection)
    if (this.draining) connection.drain()
  }

  /** Busy connections close behind their answer, idle ones after a moment. */
  drain(): void {
    this.draining = true
    for (const connection of this.#connections) connection.drain()
  }

  cut(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  closed(connection: ClientConnection): void {
    this.#connections.delete(connection)
    this.#deadlines.remove(connection)
  }
}

function destroy(this: Socket): void {
  this.destroy()
}
