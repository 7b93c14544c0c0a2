// Sends DATA within the windows that the gate has opened, and not one octet more.

import type { FrameClient } from './client.ts'
import { data, END_STREAM, PADDED, padded, SETTING, TYPE } from './frame.ts'

const DEFAULT = 65_535

export class Upload {
  /** Octets that counted against the windows, padding and its length included. */
  sent = 0
  readonly #client: FrameClient
  readonly #stream: number

  /** @param stream 0: the connection's window alone is minded */
  constructor(client: FrameClient, stream: number) {
    this.#client = client
    this.#stream = stream
  }

  /** Octets that may be sent now, once the gate's SETTINGS have come. */
  async credit(): Promise<number> {
    await this.#client.find(({ type }) => type === TYPE.SETTINGS)
    const connection = DEFAULT + this.#opened(0) - this.sent
    if (this.#stream === 0) return connection
    const first = this.#client.limits.get(SETTING.INITIAL_WINDOW_SIZE) ?? DEFAULT
    return Math.min(connection, first + this.#opened(this.#stream) - this.sent)
  }

  /** A frame that counts `bytes`, when there is room for it. */
  async frame(bytes: Buffer, counts: number): Promise<void> {
    while ((await this.credit()) < counts) {
      const seen = this.#client.frames.length
      const more = await this.#client.find(() => true, seen)
      if (more === undefined || more.type === TYPE.GOAWAY || this.#reset()) throw new Error('cut off')
    }
    this.sent += counts
    this.#client.send(bytes)
  }

  /** @param pad octets of padding for each frame; 0: none, nor a length of it */
  async send(total: number, size: number, pad: number): Promise<void> {
    for (let at = 0; at < total; at += size) {
      const part = Buffer.alloc(Math.min(size, total - at), 'u')
      const last = at + size >= total ? END_STREAM : 0
      if (pad === 0) await this.frame(data(this.#stream, part, last), part.length)
      else await this.frame(data(this.#stream, padded(part, pad), PADDED | last), part.length + pad + 1)
    }
  }

  #opened(stream: number): number {
    let opened = 0
    for (const it of this.#client.frames)
      if (it.type === TYPE.WINDOW_UPDATE && it.stream === stream) opened += it.payload.readUInt32BE(0)
    return opened
  }

  #reset(): boolean {
    return this.#client.frames.some(it => it.type === TYPE.RST_STREAM && it.stream === this.#stream)
  }
}
