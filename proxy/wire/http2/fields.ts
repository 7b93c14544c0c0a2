// Heads and trailers of replies as frames: fields that are shared by many replies are written once for a connection.
import type { Block, Headers } from '../../lib/headers.ts'
import { END_STREAM } from '../../lib/http2-codes.ts'
import { CONTINUATION, END_HEADERS, frameHead, HEADERS } from './frames.ts'
import { HpackEncoder } from './hpack/encoder.ts'

let dateText = ''
let dateUntilMs = 0

/** The Date of this second (RFC 9110 section 6.6.1). */
function date(): string {
  const now = Date.now()
  if (now >= dateUntilMs) {
    dateText = new Date(now).toUTCString()
    dateUntilMs = now - (now % 1000) + 1000
  }
  return dateText
}

/** HTTP/2 has no such fields (RFC 9113 section 8.2.2); a reply of our own may ask an HTTP/1.1 client to close. */
const FORBIDDEN = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])

/** Status and shared fields as they were written last; they mean the same as long as the table is as it was. */
interface Written {
  readonly status: number
  readonly block: Block
  readonly changes: number
  readonly text: string
  readonly dated: boolean
}

export class FieldWriter {
  /** The most that the client takes in a frame. */
  maxFrame: number
  readonly #encoder = new HpackEncoder()
  #last: Written | null = null

  constructor(maxFrame: number) {
    this.maxFrame = maxFrame
  }

  /** What the client keeps of the fields seen, bytes. */
  limit(bytes: number): void {
    this.#encoder.limit(bytes)
  }

  /** To be sent in the order in which it was asked for. @param ends no body follows */
  head(id: number, status: number, headers: Headers, ends: boolean): string {
    const { own, shared } = headers
    let text = this.#encoder.sizeUpdate()
    let dated = false
    if (shared === null) text += this.#encoder.field(':status', String(status))
    else {
      const known = this.#known(status, shared)
      text += known.text
      dated = known.dated
    }
    for (let i = 0; i < own.length; i += 2) {
      const name = own[i]!
      if (FORBIDDEN.has(name) || (name === 'content-length' && lengthless(status))) continue
      if (name === 'date') dated = true
      text += this.#encoder.once(name, own[i + 1]!)
    }
    if (!dated && status >= 200) text += this.#encoder.once('date', date())
    return this.#frames(id, text, ends)
  }

  trailers(id: number, headers: Headers): string {
    let text = this.#encoder.sizeUpdate()
    const { flat } = headers
    for (let i = 0; i < flat.length; i += 2)
      if (!FORBIDDEN.has(flat[i]!)) text += this.#encoder.once(flat[i]!, flat[i + 1]!)
    return this.#frames(id, text, true)
  }

  #known(status: number, block: Block): Written {
    const encoder = this.#encoder
    const last = this.#last
    const holds = last !== null && last.block === block && last.status === status
    if (holds && last.changes === encoder.changes) return last
    const { changes } = encoder
    const { flat } = block
    let text = encoder.field(':status', String(status))
    let dated = false
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i]!
      if (FORBIDDEN.has(name) || (name === 'content-length' && lengthless(status))) continue
      if (name === 'date') dated = true
      text += encoder.field(name, flat[i + 1]!)
    }
    const written = { status, block, changes, text, dated }
    // What added to the table says so: the next time it is a reference.
    if (encoder.changes === changes) this.#last = written
    return written
  }

  /** RFC 9113 section 6.10: what does not fit into one frame is continued. */
  #frames(id: number, text: string, ends: boolean): string {
    const flags = ends ? END_STREAM : 0
    const most = this.maxFrame
    if (text.length <= most) return frameHead(text.length, HEADERS, flags | END_HEADERS, id) + text
    let frames = frameHead(most, HEADERS, flags, id) + text.slice(0, most)
    for (let at = most; at < text.length; at += most) {
      const part = text.slice(at, at + most)
      const last = at + most >= text.length ? END_HEADERS : 0
      frames += frameHead(part.length, CONTINUATION, last, id) + part
    }
    return frames
  }
}

/** RFC 9110 section 8.6 */
function lengthless(status: number): boolean {
  return status < 200 || status === 204
}
