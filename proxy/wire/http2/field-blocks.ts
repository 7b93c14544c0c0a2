// HEADERS and the CONTINUATIONs behind it as one field block (RFC 9113 section 4.3), within bounds.
import { H2 } from '../../lib/http2-codes.ts'
import { END_HEADERS, PADDED, PRIORITISED } from './frames.ts'

/** CONTINUATION frames of a block: a head of 64 KiB takes four. */
const CONTINUATIONS_MAX = 16

/** A block that has come whole; `input` is lent. */
export interface FieldBlock {
  readonly id: number
  /** Of its HEADERS. */
  readonly flags: number
  readonly input: Buffer
  readonly start: number
  readonly end: number
  /** Depends on itself: an error of the stream (RFC 7540 section 5.3.1), which clients of old may still make. */
  readonly selfish: boolean
}

export class FieldBlocks {
  readonly #maxBytes: number
  #id = 0
  #flags = 0
  #selfish = false
  #parts: Buffer[] = []
  #bytes = 0

  /** @param maxBytes of a block, as it is sent */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The stream whose block is under way: nothing else may come before it is whole. 0: none. */
  get pending(): number {
    return this.#id
  }

  /** HEADERS. @returns the block; null: it goes on; or the code of an error of the connection */
  begin(flags: number, id: number, input: Buffer, start: number, end: number): FieldBlock | null | number {
    let from = start
    let to = end
    if ((flags & PADDED) !== 0) {
      if (from >= to) return H2.FRAME_SIZE_ERROR
      to -= input[from++]!
    }
    let selfish = false
    if ((flags & PRIORITISED) !== 0) {
      if (to - from < 5) return end - start < 5 ? H2.FRAME_SIZE_ERROR : H2.PROTOCOL_ERROR
      selfish = (input.readUInt32BE(from) & 0x7fff_ffff) === id
      from += 5
    }
    if (from > to) return H2.PROTOCOL_ERROR
    if ((flags & END_HEADERS) !== 0) return { id, flags, input, start: from, end: to, selfish }
    this.#id = id
    this.#flags = flags
    this.#selfish = selfish
    return this.#add(input.subarray(from, to))
  }

  /** As `begin`, of a CONTINUATION on the stream that is pending. */
  proceed(flags: number, input: Buffer, start: number, end: number): FieldBlock | null | number {
    const error = this.#add(input.subarray(start, end))
    if (error !== null || (flags & END_HEADERS) === 0) return error
    const whole = Buffer.concat(this.#parts)
    const block = {
      id: this.#id,
      flags: this.#flags,
      input: whole,
      start: 0,
      end: whole.length,
      selfish: this.#selfish,
    }
    this.#id = 0
    this.#parts = []
    this.#bytes = 0
    return block
  }

  #add(part: Buffer): null | number {
    this.#bytes += part.length
    this.#parts.push(Buffer.from(part))
    const much = this.#parts.length > CONTINUATIONS_MAX + 1 || this.#bytes > this.#maxBytes
    return much ? H2.ENHANCE_YOUR_CALM : null
  }
}
