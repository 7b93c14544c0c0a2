// HTTP/2 from clients: our own frame layer, one session per connection.
import type { Socket } from 'node:net'
import { BriefDeadlines } from '../../lib/brief-deadlines.ts'
import { Deadlines } from '../../lib/deadlines.ts'
import type { Feed } from '../../lib/feed.ts'
import type { Gate } from '../gate.ts'
import { ClientSession } from './session.ts'

export class Http2Wire {
  readonly #gate: Gate
  readonly #streams = new BriefDeadlines()
  readonly #sessions = new Set<ClientSession>()
  readonly #idle = new Deadlines()
  #draining = false

  constructor(gate: Gate) {
    this.#gate = gate
  }

  get connections(): number {
    return this.#sessions.size
  }

  /** Speak HTTP/2 on this connection from now on. */
  take(socket: Socket, feed: Feed | null): void {
    const session = new ClientSession(socket, feed, this.#gate, this.#streams, () => {
      this.#sessions.delete(session)
      this.#idle.remove(session.life)
      if (this.#sessions.size === 0) this.#streams.stop()
    })
    this.#sessions.add(session)
    this.#idle.add(session.life)
    if (this.#draining) session.life.drain()
  }

  drain(): void {
    this.#draining = true
    for (const session of this.#sessions) session.life.drain()
  }

  cut(): void {
    for (const session of this.#sessions) session.life.cut()
  }
}
