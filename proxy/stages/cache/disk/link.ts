// A worker's connection to the keeper: comes back by itself, answers that do not come in time are misses.
import { createConnection, type Socket } from 'node:net'
import { encodeFrame, FrameReader, type FromKeeper, type ToKeeper } from './frames.ts'

const RETRY_MIN_MS = 50
/** A worker starts together with the keeper: so often it tries again soon. */
const PROMPT_TRIES = 40
const RETRY_MAX_MS = 5000
/** In the socket at one time, so that a question behind them does not wait long. */
const MAX_UNDER_WAY_BYTES = 1024 ** 2
/** What can wait does so, for others to go with it: the keeper wakes once for all of them. */
const GATHER_MS = 20
const GATHER_BYTES = 256 * 1024
/** Waiting to be written; what comes beyond it is not kept. */
const MAX_WAITING_BYTES = 16 * 1024 ** 2

interface Waiting {
  frame: Buffer
  body: Buffer | null
}

export interface LinkHooks {
  heard(message: FromKeeper, body: Buffer): void
  came(): void
  lost(): void
}

export class Link {
  readonly #path: string
  readonly #heard: (message: FromKeeper, body: Buffer) => void
  readonly #came: () => void
  readonly #lost: () => void
  #socket: Socket | null = null
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #retryMs = RETRY_MIN_MS
  #tries = 0
  #timer: NodeJS.Timeout | undefined
  #gathering: NodeJS.Timeout | undefined
  #closed = false
  /** Entries that were not written because too many waited. */
  dropped = 0

  constructor(path: string, { heard, came, lost }: LinkHooks) {
    this.#path = path
    this.#heard = heard
    this.#came = came
    this.#lost = lost
    this.#connect()
  }

  /** Before all that waits. @returns false: not connected */
  ask(message: ToKeeper): boolean {
    if (this.#socket === null) return false
    this.#socket.write(encodeFrame(message))
    return true
  }

  /** After those before it, as there is room, and soon. `body` must not change any more. */
  send(message: ToKeeper, body: Buffer | null = null): void {
    if (!this.#queue(message, body)) return
    if (this.#waitingBytes > GATHER_BYTES) this.#pump()
    else this.#gathering ??= setTimeout(() => this.#pump(), GATHER_MS).unref()
  }

  /** After those before it, and now. */
  sendNow(message: ToKeeper): void {
    if (this.#queue(message, null)) this.#pump()
  }

  /** @returns false: it is not to be sent */
  #queue(message: ToKeeper, body: Buffer | null): boolean {
    // Before it has been there for the first time, it is waited for.
    if (this.#socket === null && this.#tries > PROMPT_TRIES) return false
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.dropped++
      return false
    }
    const frame = encodeFrame(message, body?.length ?? 0)
    this.#waiting.push({ frame, body })
    this.#waitingBytes += frame.length + (body?.length ?? 0)
    return true
  }

  /** The last that is sent: resolves when the kernel has all of it, when nobody takes it, or after `maxMs`. */
  async end(maxMs: number): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const socket = this.#socket
    if (socket === null) return
    this.#pump(Number.POSITIVE_INFINITY)
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, maxMs)
    socket.once('close', () => resolve())
    socket.end(resolve)
    await promise
    clearTimeout(timer)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#socket?.destroy()
  }

  #pump(maxBytes = MAX_UNDER_WAY_BYTES): void {
    clearTimeout(this.#gathering)
    this.#gathering = undefined
    const socket = this.#socket
    if (socket === null) return
    let done = 0
    socket.cork()
    while (done < this.#waiting.length && socket.writableLength < maxBytes) {
      const { frame, body } = this.#waiting[done++]!
      this.#waitingBytes -= frame.length + (body?.length ?? 0)
      socket.write(frame)
      if (body !== null && body.length > 0) socket.write(body)
    }
    socket.uncork()
    if (done > 0) this.#waiting.splice(0, done)
  }

  #connect(): void {
    const socket = createConnection(this.#path)
    const reader = new FrameReader<FromKeeper>(this.#heard)
    // Nothing waits for it when the worker ends.
    socket.unref()
    socket.on('connect', () => {
      this.#socket = socket
      this.#retryMs = RETRY_MIN_MS
      this.#tries = Number.POSITIVE_INFINITY
      this.#came()
      this.#pump()
    })
    socket.on('data', chunk => {
      try {
        reader.push(chunk)
      } catch (error) {
        if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error
        socket.destroy()
      }
    })
    socket.on('drain', () => this.#pump())
    socket.on('error', () => {})
    socket.on('close', () => this.#gone())
  }

  #gone(): void {
    this.#tries++
    const starting = this.#tries <= PROMPT_TRIES
    if (!starting) {
      this.#socket = null
      this.#waiting = []
      this.#waitingBytes = 0
      this.#lost()
    }
    if (this.#closed) return
    this.#timer = setTimeout(() => this.#connect(), this.#retryMs).unref()
    if (!starting) this.#retryMs = Math.min(RETRY_MAX_MS, this.#retryMs * 2)
  }
}
