// What leaves on a connection: frames in order, as many as a turn brings in one write; and who is told when they have.
import type { Socket } from 'node:net'
import { BufferPool } from '../../lib/buffer-pool.ts'
import { END_STREAM } from '../../lib/http2-codes.ts'
import { atEndOfTurn, type TurnWork } from '../../lib/turn.ts'
import { DATA, frameHead, HEAD_BYTES, writeFrameHead } from './frames.ts'

/** What may wait for a client that does not read, before a stream has to. */
const WAITING_MAX = 64 * 1024

/** For DATA, until it has left: a stream's turn, and room for its frames' heads and for what waited before it. */
const pool = new BufferPool(80 * 1024, 32)
/** Less is not worth one of them. */
const POOLED_BYTES = 8 * 1024

/** Somebody to be told that all it sent has left; carries its own place in a list. */
export interface Sender {
  behind: Sender | null
  written(): void
  /** It has not, and will not. */
  lost(): void
}

/** Whose connection it is. */
export interface OutboxOwner {
  /** Something waits for the client, or nothing does any more. */
  waiting(waits: boolean): void
  /** There is room again. */
  drained(): void
}

export class Outbox implements TurnWork {
  readonly #socket: Socket
  readonly #owner: OutboxOwner
  /** Frames since the last write. */
  #text = ''
  #queued = false
  #sentData = false
  /** Whose last frame is among them, the latest first. */
  #senders: Sender | null = null
  /** The same of each write under way; and the pool's buffer that it is in, null where it is not. */
  readonly #told: (Sender | null)[] = []
  readonly #buffers: (Buffer | null)[] = []

  constructor(socket: Socket, owner: OutboxOwner) {
    this.#socket = socket
    this.#owner = owner
  }

  /** No more room for what can wait. */
  get full(): boolean {
    return this.#text.length + this.#socket.writableLength > WAITING_MAX
  }

  /** @param frames whole frames, a character for each byte */
  add(frames: string): void {
    this.#text += frames
    if (this.#queued) return
    this.#queued = true
    atEndOfTurn(this)
  }

  /** A small body: DATA, the last of its stream. @param text latin1 */
  addLast(id: number, text: string): void {
    this.#sentData = true
    this.add(frameHead(text.length, DATA, END_STREAM, id) + text)
  }

  /** Lent bytes as DATA, no frame longer than `most`. They are copied, and leave with all that waits. */
  addData(id: number, bytes: Buffer, start: number, end: number, most: number, last: boolean): void {
    this.#sentData = true
    const frames = Math.ceil((end - start) / most)
    const text = this.#text
    this.#text = ''
    const length = text.length + end - start + frames * HEAD_BYTES
    const pooled = length > POOLED_BYTES && length <= pool.bytes ? pool.take() : null
    const out = pooled ?? Buffer.allocUnsafe(length)
    let at = out.write(text, 0, 'latin1')
    for (let from = start; from < end; from += most) {
      const to = Math.min(end, from + most)
      writeFrameHead(out, at, to - from, DATA, last && to === end ? END_STREAM : 0, id)
      at += HEAD_BYTES
      at += bytes.copy(out, at, from, to)
    }
    this.#write(length < out.length ? out.subarray(0, length) : out, pooled)
  }

  /** Some DATA was sent since this was asked the last time. */
  sentData(): boolean {
    const sent = this.#sentData
    this.#sentData = false
    return sent
  }

  /** Tell it when everything up to here has left. */
  tell(sender: Sender): void {
    sender.behind = this.#senders
    this.#senders = sender
    if (this.#queued) return
    this.#queued = true
    atEndOfTurn(this)
  }

  endTurn(): void {
    this.#queued = false
    this.flush()
  }

  flush(): void {
    const text = this.#text
    const senders = this.#senders
    this.#text = ''
    if (text !== '') return this.#write(text, null)
    if (senders === null) return
    // All of theirs was written before: an empty write would cost as much as a full one.
    this.#senders = null
    const last = this.#told.length - 1
    if (last < 0) return tellAll(senders)
    let first = senders
    while (first.behind !== null) first = first.behind
    first.behind = this.#told[last]!
    this.#told[last] = senders
  }

  /** The connection is gone. */
  drop(): void {
    const left = [...this.#told, this.#senders]
    // What the system may still be reading is not used again.
    this.#told.length = this.#buffers.length = 0
    this.#senders = null
    this.#text = ''
    for (const first of left) for (const sender of inOrder(first)) sender.lost()
  }

  #write(data: string | Buffer, pooled: Buffer | null): void {
    // Behind our last word nothing is sent; `drop` tells whoever waits.
    if (this.#socket.writableEnded) {
      if (pooled !== null) pool.give(pooled)
      return
    }
    if (this.#told.push(this.#senders) === 1) this.#owner.waiting(true)
    this.#buffers.push(pooled)
    this.#senders = null
    if (typeof data === 'string') this.#socket.write(data, 'latin1', this.#written)
    else this.#socket.write(data, this.#written)
  }

  readonly #written = (error?: Error | null): void => {
    // Who closes a broken connection ends what went on over it.
    if (error || this.#told.length === 0) return
    const first = this.#told.shift() as Sender | null
    const pooled = this.#buffers.shift()
    if (pooled) pool.give(pooled)
    this.#owner.waiting(this.#told.length > 0)
    if (first !== null) tellAll(first)
    this.#owner.drained()
  }
}

function tellAll(latest: Sender): void {
  for (const sender of inOrder(latest)) sender.written()
}

function inOrder(latest: Sender | null): Sender[] {
  const senders: Sender[] = []
  for (let sender = latest; sender !== null; ) {
    const { behind } = sender
    sender.behind = null
    senders.push(sender)
    sender = behind
  }
  return senders.reverse()
}
