// The answer to a request: a status, fields, and a body that is either at hand or still to come.
import type { Duplex } from 'node:stream'
import { Headers } from '../lib/headers.ts'
import type { Body, Tap } from './body.ts'

/** The upstream's side of a switched protocol (WebSocket), and what it already said after its 101. */
export interface Tunnel {
  readonly stream: Duplex
  readonly early: Buffer
}

export class Reply {
  status: number
  headers: Headers
  /** A Buffer is the whole body, at hand; null: none. */
  body: Body | Buffer | null
  /** Watchers of the body, called in order; null: none. */
  taps: Tap[] | null = null
  /** Only with status 101. */
  tunnel: Tunnel | null = null

  constructor(status: number, headers: Headers = new Headers(), body: Body | Buffer | null = null) {
    this.status = status
    this.headers = headers
    this.body = body
  }

  tap(tap: Tap): void {
    if (this.taps === null) this.taps = [tap]
    else this.taps.push(tap)
  }
}
