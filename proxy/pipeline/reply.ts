// The answer to a request: a status, fields, and a body that is either at hand or still to come.
import type { Duplex } from 'node:stream'
import { Headers } from '../lib/headers.ts'
import { type Body, type Tap, TappedBody } from './body.ts'

/** The upstream's side of a switched protocol (WebSocket), and what it already said after its 101. */
export interface Tunnel {
  readonly stream: Duplex
  readonly early: Buffer
  /** Nothing moving either way for this long: dead. */
  readonly idleMs: number
}

export class Reply {
  status: number
  headers: Headers
  /** Watchers of the body, called in order; null: none. */
  taps: Tap[] | null = null
  /** Only with status 101. */
  tunnel: Tunnel | null = null
  #body: Body | Buffer | null
  /** The body where it came as text: most small ones are passed on, and nobody asks for their bytes. */
  #text: string | null = null

  constructor(status: number, headers: Headers = new Headers(), body: Body | Buffer | null = null) {
    this.status = status
    this.headers = headers
    this.#body = body
  }

  /** @param text the whole body, latin1: a character for each byte */
  static ofText(status: number, headers: Headers, text: string): Reply {
    const reply = new Reply(status, headers)
    reply.#text = text
    return reply
  }

  /** A Buffer is the whole body, at hand; null: none. */
  get body(): Body | Buffer | null {
    const text = this.#text
    if (text !== null) this.body = Buffer.from(text, 'latin1')
    return this.#body
  }

  set body(body: Body | Buffer | null) {
    this.#body = body
    this.#text = null
  }

  /** There is no body. */
  get empty(): boolean {
    return this.#body === null && this.#text === null
  }

  /** Nothing of the body is still to come. */
  get atHand(): boolean {
    return this.#body === null || Buffer.isBuffer(this.#body)
  }

  /** Bytes of the body, 0 without one; −1 when only its end will tell. */
  get length(): number {
    if (this.#text !== null) return this.#text.length
    return this.#body === null ? 0 : this.#body.length
  }

  /** The body as `take` gives it, where it is still the text that came; null: it is none, and still to be taken. */
  takeText(): string | null {
    return this.taps === null ? this.#text : null
  }

  tap(tap: Tap): void {
    if (this.taps === null) this.taps = [tap]
    else this.taps.push(tap)
  }

  /**
   * The body with its taps folded in. Whoever sends the body, or replaces it by another (compression),
   * takes it through this, so that each tap sees the bytes as they were where it was set.
   */
  take(): Body | Buffer | null {
    const { body, taps } = this
    if (taps === null) return body
    this.taps = null
    if (body !== null && !Buffer.isBuffer(body)) return new TappedBody(body, taps)
    for (const tap of taps) {
      if (body !== null) tap.chunk(body)
      tap.end(true)
    }
    return body
  }

  /** Nobody will read it: taps end, the source is released. */
  discard(): void {
    const body = this.#body
    if (this.taps !== null) for (const tap of this.taps) tap.end(false)
    this.taps = null
    if (body !== null && !Buffer.isBuffer(body)) body.cancel()
    this.tunnel?.stream.destroy()
  }
}
