// Where one WebSocket frame ends and the next begins (RFC 6455 section 5.2): only there may another be put in.

export class WebSocketFrames {
  /** Bytes of the current frame's payload still to come. */
  #left = 0
  #header: number[] = []

  /** Between two frames. */
  get atBoundary(): boolean {
    return this.#left === 0 && this.#header.length === 0
  }

  /** @returns bytes of `chunk` up to and including the end of the last frame that ends in it; −1: none does */
  push(chunk: Buffer): number {
    let at = 0
    let boundary = -1
    while (at < chunk.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - at)
        this.#left -= taken
        at += taken
      } else {
        this.#header.push(chunk[at++]!)
        this.#left = payloadBytes(this.#header)
        if (this.#left < 0) {
          this.#left = 0
          continue
        }
        this.#header = []
      }
      if (this.#left === 0) boundary = at
    }
    return boundary
  }
}

/** Payload and mask; −1 while the header is not whole. */
function payloadBytes(header: readonly number[]): number {
  if (header.length < 2) return -1
  const short = header[1]! & 0x7f
  const mask = (header[1]! & 0x80) === 0 ? 0 : 4
  const bytes = short === 126 ? 2 : short === 127 ? 8 : 0
  if (header.length < 2 + bytes) return -1
  if (bytes === 0) return short + mask
  let length = 0
  for (let i = 2; i < 2 + bytes; i++) length = length * 256 + header[i]!
  return length + mask
}
