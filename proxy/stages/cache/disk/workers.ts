// The workers' connections to the disk tier: a socket in a directory of our own.
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { encodeFrame, FrameReader, type FromKeeper, type ToKeeper } from './frames.ts'

/** A worker that does not take its answers is not read from any more. */
const MAX_OWED_BYTES = 32 * 1024 ** 2

interface Host {
  said(socket: Socket, message: ToKeeper, body: Buffer): void
  failed(why: string): void
}

export class Workers {
  /** Those that want to hear what comes and goes. */
  readonly all = new Set<Socket>()
  readonly #open = new Set<Socket>()
  readonly #host: Host
  readonly #server: Server
  #path = ''
  #lastLeft: () => void = () => {}

  constructor(host: Host) {
    this.#host = host
    this.#server = createServer(socket => this.#welcome(socket))
    this.#server.on('error', error => host.failed(error.message))
  }

  listen(path: string): void {
    this.#path = path
    // Left behind by a process that was killed; the data directory has one owner.
    rmSync(path, { force: true })
    this.#server.listen(path)
  }

  say(socket: Socket, message: FromKeeper, body?: Buffer): void {
    const bodyBytes = body?.length ?? 0
    socket.cork()
    socket.write(encodeFrame(message, bodyBytes))
    if (bodyBytes > 0) socket.write(body!)
    socket.uncork()
  }

  /** Resolves when all have left, and all that they sent before has been read; or after `maxMs`. */
  async left(maxMs: number): Promise<void> {
    if (this.#open.size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#lastLeft = resolve
    const timer = setTimeout(resolve, maxMs)
    await promise
    clearTimeout(timer)
  }

  close(): void {
    for (const socket of this.#open) socket.destroy()
    this.#server.close()
    rmSync(this.#path, { force: true })
  }

  #welcome(socket: Socket): void {
    this.#open.add(socket)
    const reader = new FrameReader<ToKeeper>((message, body) => this.#host.said(socket, message, body))
    // A worker that is gone closes its end; a new one comes by itself.
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#open.delete(socket)
      this.all.delete(socket)
      if (this.#open.size === 0) this.#lastLeft()
    })
    socket.on('drain', () => socket.resume())
    socket.on('data', chunk => {
      try {
        reader.push(chunk)
      } catch (error) {
        if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error
        socket.destroy()
      }
      if (socket.writableLength > MAX_OWED_BYTES) socket.pause()
    })
  }
}
