// HTTP/2 without TLS: a client that knows we speak it begins with its preface, and the first bytes tell (RFC 9113 section 3.3).
import type { Socket } from 'node:net'
import { nowMs } from '../lib/clock.ts'
import { Deadlines, type Due } from '../lib/deadlines.ts'
import type { Feed, Reader } from '../lib/feed.ts'
import type { Gate } from './gate.ts'
import { PREFACE } from './http2/frames.ts'

/** Speaks its protocol on a connection from now on. */
export type Speaks = (socket: Socket, feed: Feed | null) => void

const PREFACE_BYTES = Buffer.from(PREFACE, 'latin1')

export class PriorKnowledge {
  readonly #gate: Gate
  readonly #http1: Speaks
  readonly #http2: Speaks
  readonly #waiting = new Set<FirstBytes>()
  readonly #deadlines = new Deadlines()

  constructor(gate: Gate, http1: Speaks, http2: Speaks) {
    this.#gate = gate
    this.#http1 = http1
    this.#http2 = http2
  }

  get connections(): number {
    return this.#waiting.size
  }

  /** Asked for each connection: a reload may change whether there is a choice. */
  take(socket: Socket, feed: Feed | null): void {
    if (!this.#gate.h2c) return this.#http1(socket, feed)
    const first = new FirstBytes(socket, feed, nowMs() + this.#gate.limits.headMs, isHttp2 => {
      this.#waiting.delete(first)
      this.#deadlines.remove(first)
      if (isHttp2 !== null) (isHttp2 ? this.#http2 : this.#http1)(socket, feed)
    })
    this.#waiting.add(first)
    this.#deadlines.add(first)
  }

  /** Whoever has not begun yet is HTTP/1.1's, which knows how long to wait for a last call. */
  drain(): void {
    for (const first of this.#waiting) first.onDeadline()
  }
}

/** One connection until its first bytes have told. */
class FirstBytes implements Due, Reader {
  deadlineMs: number
  readonly #socket: Socket
  readonly #feed: Feed | null
  readonly #told: (isHttp2: boolean | null) => void
  #bytes: Buffer = Buffer.alloc(0)

  /** @param told null: it is gone */
  constructor(
    socket: Socket,
    feed: Feed | null,
    deadlineMs: number,
    told: (isHttp2: boolean | null) => void,
  ) {
    this.#socket = socket
    this.#feed = feed
    this.#told = told
    this.deadlineMs = deadlineMs
    if (feed === null) socket.on('data', this.#onData)
    else feed.reader = this
    socket.on('end', this.#onEnd).on('error', this.#onEnd).on('close', this.#onClose)
  }

  onDeadline(): void {
    this.#pass(false)
  }

  readonly #onData = (chunk: Buffer): void => void this.received(chunk, chunk.length)

  /** The bytes are lent: see `Feed`. */
  received(buffer: Buffer, length: number): boolean {
    const chunk = buffer.subarray(0, length)
    const bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    const compared = Math.min(bytes.length, PREFACE_BYTES.length)
    const same = bytes.compare(PREFACE_BYTES, 0, compared, 0, compared) === 0
    this.#bytes = this.#bytes === bytes ? bytes : Buffer.from(bytes)
    return same && compared < PREFACE_BYTES.length ? true : this.#pass(same)
  }

  /** The connection goes to its reader, with what came. @returns false: enough for now */
  #pass(isHttp2: boolean): boolean {
    const bytes = this.#bytes
    this.#leave()
    if (this.#feed !== null) {
      this.#feed.reader = null
      this.#told(isHttp2)
      return (
        bytes.length === 0 || (this.#feed.reader as Reader | null)?.received(bytes, bytes.length) !== false
      )
    }
    this.#socket.pause()
    if (bytes.length > 0) this.#socket.unshift(bytes)
    this.#told(isHttp2)
    this.#socket.resume()
    return true
  }

  readonly #onEnd = (): void => void this.#socket.destroy()
  readonly #onClose = (): void => this.#told(null)

  #leave(): void {
    this.#socket
      .off('data', this.#onData)
      .off('end', this.#onEnd)
      .off('error', this.#onEnd)
      .off('close', this.#onClose)
  }
}
