// What workers and the thread that keeps the disk tier say to each other, and its form on their socket.

/** A stored response without its body. */
export interface StoredHead {
  /** The primary key. */
  primary: string
  /** What tells it from the other variants; '' without Vary. */
  suffix: string
  /** The request fields that Vary names, in order. */
  names: string[]
  status: number
  /** Flat fields. */
  head: string[]
  /** How it was judged when it came, as JSON: read by who wrote it. */
  freshness: string
  storedMs: number
  bornMs: number
  lifetimeS: number
  /** Longer than that it is of no use even when it is stale. */
  graceS: number
  tags: readonly string[]
  route: string
}

export type ToKeeper =
  /** Tell this connection what comes and goes. */
  | { kind: 'listen' }
  /** `peek`: it is not a use. */
  | { kind: 'get'; n: number; primary: string; suffix: string | null; peek: boolean }
  /** `epoch`: the last purge that the worker has heard of. */
  | { kind: 'put'; epoch: number; stored: StoredHead }
  /** The same body with a new head (RFC 9111 section 4.3.4). */
  | { kind: 'freshen'; epoch: number; stored: StoredHead }
  /** One variant is not to be kept any more. */
  | { kind: 'remove'; primary: string; suffix: string }
  /** RFC 9111 section 4.4: all variants, and in every other worker. `from`: the worker whose client it was. */
  | { kind: 'invalidate'; primary: string; from: number }
  /** Answers given from memory: number of the entry, how many. */
  | { kind: 'used'; hits: [ident: number, hits: number][] }

export type FromKeeper =
  /** Numbers of keys follow: so many in all. Until `known` the filter is not complete. */
  | { kind: 'up'; keys: number; epoch: number }
  | { kind: 'known' }
  /** The tier is out of service: nothing is asked or kept. */
  | { kind: 'down' }
  /** `epoch`: the last purge that the keeper had heard of when it answered. */
  | { kind: 'found'; n: number; epoch: number; stored: StoredHead }
  /** It has variants, told apart by these fields. */
  | { kind: 'varies'; n: number; names: string[] }
  | { kind: 'missed'; n: number }
  | { kind: 'added'; idents: number[] }
  | { kind: 'gone'; idents: number[] }
  | { kind: 'invalidate'; primary: string; from: number }

/** Larger bodies stay off the disk. */
export const MAX_BODY_BYTES = 64 * 1024 ** 2
const MAX_JSON_BYTES = 4 * 1024 ** 2
const PREFIX_BYTES = 8
const NO_BODY = Buffer.alloc(0)

/** The beginning of a frame; its body, where it has one, is written behind it as it is. */
export function encodeFrame(message: ToKeeper | FromKeeper, bodyBytes = 0): Buffer {
  const json = JSON.stringify(message)
  const length = Buffer.byteLength(json)
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + length)
  frame.writeUInt32BE(length, 0)
  frame.writeUInt32BE(bodyBytes, 4)
  frame.write(json, PREFIX_BYTES)
  return frame
}

/** Cuts a byte stream into frames. A body gets a buffer of its own, filled as it comes: nothing is joined twice. */
export class FrameReader<Message> {
  readonly #onFrame: (message: Message, body: Buffer) => void
  readonly #prefix = Buffer.alloc(PREFIX_BYTES)
  #target: Buffer = this.#prefix
  #at = 0
  #json: Buffer | null = null
  #body: Buffer = NO_BODY
  #bodyBytes = 0

  constructor(onFrame: (message: Message, body: Buffer) => void) {
    this.#onFrame = onFrame
  }

  /** @throws RangeError when the stream is not made of frames */
  push(chunk: Buffer): void {
    let from = 0
    while (from < chunk.length) {
      const count = Math.min(this.#target.length - this.#at, chunk.length - from)
      chunk.copy(this.#target, this.#at, from, from + count)
      this.#at += count
      from += count
      if (this.#at === this.#target.length) this.#next()
    }
  }

  #next(): void {
    if (this.#target === this.#prefix) return this.#begin()
    if (this.#json === null) {
      this.#json = this.#target
      if (this.#bodyBytes > 0) return this.#expect((this.#body = Buffer.allocUnsafeSlow(this.#bodyBytes)))
    }
    const [json, body] = [this.#json, this.#body]
    this.#json = null
    this.#body = NO_BODY
    this.#expect(this.#prefix)
    this.#onFrame(JSON.parse(json.toString('utf8')) as Message, body)
  }

  #begin(): void {
    const length = this.#prefix.readUInt32BE(0)
    this.#bodyBytes = this.#prefix.readUInt32BE(4)
    if (length === 0 || length > MAX_JSON_BYTES || this.#bodyBytes > MAX_BODY_BYTES)
      throw new RangeError('not a frame of the cache')
    this.#expect(Buffer.allocUnsafe(length))
  }

  #expect(target: Buffer): void {
    this.#target = target
    this.#at = 0
  }
}
