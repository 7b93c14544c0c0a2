// HTTP/2 to an upstream: few connections, many streams; what finds no room waits, not long and not in crowds.
import { BriefDeadlines } from '../../../lib/brief-deadlines.ts'
import { nowMs } from '../../../lib/clock.ts'
import { Deadlines } from '../../../lib/deadlines.ts'
import { ProxyError } from '../../../pipeline/errors.ts'
import type { Outgoing, Transport } from '../transport.ts'
import { upgrade } from '../upgrade.ts'
import { type SessionHost, type SessionTarget, UpstreamSession } from './session.ts'
import { type StreamOwner, UpstreamStream } from './stream.ts'

/** Connections to one target from one worker. */
const MAX_SESSIONS = 8
/** Requests that may wait for a connection or for room on one. */
const MAX_WAITING = 1000

export class Http2Transport implements Transport, SessionHost, StreamOwner {
  readonly target: SessionTarget
  readonly place: string
  readonly #deadlines = new Deadlines()
  readonly #streams = new BriefDeadlines()
  /** All that are open or being opened. */
  readonly #open = new Set<UpstreamSession>()
  /** Those that take requests, the oldest first: it is filled before another is used. */
  #usable: UpstreamSession[] = []
  #waiting: UpstreamStream[] = []
  #tlsSession: Buffer | undefined
  #closing = false

  constructor(target: SessionTarget) {
    this.target = target
    this.place = `${target.host}:${target.port}`
  }

  send(out: Outgoing): void {
    if (out.upgrade === '') return this.#assign(new UpstreamStream(out, this))
    // A switch of protocols is HTTP/1.1's: it gets a connection of its own, as at an HTTP/1.1 upstream.
    upgrade(out, { ...this.target, protocol: this.target.protocol === 'h2' ? 'https' : 'http' }).then(
      reply => out.replied(reply, nowMs()),
      error => out.failed(error),
    )
  }

  get dialing(): boolean {
    for (const session of this.#open) if (session.dialing) return true
    return false
  }

  connections(): number {
    return this.#open.size
  }

  /** What waits for a connection is sent first: it was there before. */
  close(): void {
    this.#closing = true
    if (this.#waiting.length > 0) return
    for (const session of this.#open) session.retire()
  }

  over(stream: UpstreamStream): void {
    this.#streams.remove(stream)
  }

  ready(session: UpstreamSession): void {
    this.#usable.push(session)
    this.room()
    if (this.#closing) this.close()
  }

  room(): void {
    while (this.#waiting.length > 0) {
      if (this.#waiting[0]!.over) {
        this.#waiting.shift()
        continue
      }
      const session = this.#usable.find(it => it.hasRoom)
      if (session === undefined) return this.#openMore()
      const stream = this.#waiting.shift()!
      session.take(stream)
    }
    if (this.#closing) this.close()
  }

  retired(session: UpstreamSession): void {
    this.#usable = this.#usable.filter(it => it !== session)
  }

  closed(session: UpstreamSession, error: ProxyError): void {
    this.#open.delete(session)
    this.#deadlines.remove(session)
    this.retired(session)
    if (this.#open.size === 0 && this.#waiting.length === 0) this.#streams.stop()
    if (this.#waiting.length === 0) return
    // Whoever waits shares the fate of the last connection that could have taken him.
    if (this.#usable.length > 0 || this.dialing) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const stream of waiting) stream.fail(error)
  }

  #assign(stream: UpstreamStream): void {
    this.#streams.add(stream)
    const session = this.#usable.find(it => it.hasRoom)
    if (session !== undefined && this.#waiting.length === 0) return session.take(stream)
    if (this.#waiting.length >= MAX_WAITING) {
      const text = `too many requests wait for a connection (${this.place})`
      return stream.fail(new ProxyError('connection_limit_reached', text, { unsent: true }))
    }
    this.#waiting.push(stream)
    this.#openMore()
  }

  /** One at a time: most of what waits will fit on it. */
  #openMore(): void {
    // Those that the upstream has retired end with their streams and do not count.
    if (this.#usable.length >= MAX_SESSIONS || this.dialing) return
    const session = new UpstreamSession(this, this.#tlsSession)
    session.onTlsSession(ticket => {
      this.#tlsSession = ticket
    })
    this.#open.add(session)
    this.#deadlines.add(session)
  }
}
