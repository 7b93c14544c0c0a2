// Cuts what arrives into frames (RFC 9113 section 4.1). DATA is passed on as it comes, other frames whole.
import { H2 } from '../../lib/http2-codes.ts'
import { DATA, FRAME_BYTES, HEAD_BYTES, MAX_31, PADDED, PREFACE } from './frames.ts'

/** Whom frames are for. */
export interface FrameSink {
  /** Nothing more is read. */
  readonly over: boolean
  /** A whole frame, anything but DATA; its payload is `input` from `start` to `end`, lent. */
  frame(type: number, flags: number, id: number, input: Buffer, start: number, end: number): void
  /** DATA begins. @param length bytes that count against the windows @param padding those of them that are no data */
  dataBegins(id: number, length: number, padding: number): void
  /** Bytes of it, lent. */
  dataBytes(chunk: Buffer): void
  dataEnds(flags: number): void
  /** The bytes are no HTTP/2. @param code of RFC 9113 section 7 */
  broken(code: number, reason: string): void
}

const PREFACE_BYTES = Buffer.from(PREFACE, 'latin1')

export class FrameReader {
  readonly #sink: FrameSink
  /** The beginning of a frame, or of the preface; null: none. */
  #carry: Buffer | null = null
  #prefaced = false
  /** Of the DATA frame under way: its payload, its padding, its flags. */
  #left = 0
  #padding = 0
  #flags = 0
  #inData = false

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  push(chunk: Buffer): void {
    const input = this.#carry === null ? chunk : Buffer.concat([this.#carry, chunk])
    this.#carry = null
    const at = this.#read(input)
    if (!this.#sink.over && at < input.length) this.#carry = input.subarray(at)
  }

  /** @returns where the first frame begins that has not come whole */
  #read(input: Buffer): number {
    const sink = this.#sink
    let at = 0
    if (!this.#prefaced) {
      const length = Math.min(input.length, PREFACE_BYTES.length)
      if (input.compare(PREFACE_BYTES, 0, length, 0, length) !== 0) {
        sink.broken(H2.PROTOCOL_ERROR, 'bad_preface')
        return 0
      }
      if (length < PREFACE_BYTES.length) return 0
      this.#prefaced = true
      at = length
    }
    while (!sink.over) {
      if (this.#inData) {
        at += this.#data(input, at)
        if (this.#inData) return at
        continue
      }
      if (input.length - at < HEAD_BYTES) return at
      const length = (input[at]! << 16) | (input[at + 1]! << 8) | input[at + 2]!
      const type = input[at + 3]!
      const flags = input[at + 4]!
      // The highest bit is reserved.
      const id = input.readUInt32BE(at + 5) & MAX_31
      if (length > FRAME_BYTES) {
        sink.broken(H2.FRAME_SIZE_ERROR, 'frame_too_large')
        return at
      }
      const payload = at + HEAD_BYTES
      if (type === DATA) {
        const padded = (flags & PADDED) !== 0
        // The length of the padding comes with the head.
        if (padded && length > 0 && input.length === payload) return at
        if (!this.#beginData(id, flags, length, padded ? (input[payload] ?? 0) : -1)) return at
        at = padded ? payload + 1 : payload
        continue
      }
      if (input.length - payload < length) return at
      sink.frame(type, flags, id, input, payload, payload + length)
      at = payload + length
    }
    return at
  }

  /** @param padding −1: it has none @returns false where it cannot be */
  #beginData(id: number, flags: number, length: number, padding: number): boolean {
    if (id === 0) {
      this.#sink.broken(H2.PROTOCOL_ERROR, 'data_on_connection')
      return false
    }
    // Padding that is not shorter than the payload (RFC 9113 section 6.1).
    if (padding >= length) {
      const empty = length === 0
      this.#sink.broken(empty ? H2.FRAME_SIZE_ERROR : H2.PROTOCOL_ERROR, 'bad_padding')
      return false
    }
    this.#inData = true
    this.#flags = flags
    this.#padding = Math.max(0, padding)
    this.#left = padding < 0 ? length : length - 1 - padding
    this.#sink.dataBegins(id, length, length - this.#left)
    return true
  }

  /** @returns how many bytes of `input` from `at` on were of this frame */
  #data(input: Buffer, at: number): number {
    const bytes = Math.min(this.#left, input.length - at)
    if (bytes > 0) {
      this.#left -= bytes
      this.#sink.dataBytes(input.subarray(at, at + bytes))
    }
    if (this.#left > 0) return bytes
    const skipped = Math.min(this.#padding, input.length - at - bytes)
    this.#padding -= skipped
    if (this.#padding === 0) {
      this.#inData = false
      if (!this.#sink.over) this.#sink.dataEnds(this.#flags)
    }
    return bytes + skipped
  }
}
