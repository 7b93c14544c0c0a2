// How records, counts and gauges cross from a worker to telemetry: frames on a pipe.

/** Frame kinds on the pipe: one byte after a 4-byte big-endian length, then JSON in UTF-8. */
export const FRAME_KINDS = ['records', 'tally', 'state', 'rejects'] as const
export type FrameKind = (typeof FRAME_KINDS)[number]

/** File descriptor of the record pipe in a worker. */
export const RECORD_PIPE_FD = 4

/** The largest frame a reader accepts, bytes: a longer one means a broken pipe. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024

/** @param json the payload, already serialised: tuples for records, `{atMs, cells}`, a WorkerState or a RejectFrame */
export function encodeFrame(kind: FrameKind, json: string): Buffer {
  const length = Buffer.byteLength(json)
  const frame = Buffer.allocUnsafe(5 + length)
  frame.writeUInt32BE(length, 0)
  frame[4] = FRAME_KINDS.indexOf(kind)
  frame.write(json, 5)
  return frame
}

/** Cuts a byte stream into frames; hands each on as kind and JSON text, unparsed. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0)
  readonly #onFrame: (kind: FrameKind, json: string) => void

  constructor(onFrame: (kind: FrameKind, json: string) => void) {
    this.#onFrame = onFrame
  }

  /** @throws RangeError when the stream is not made of frames */
  push(chunk: Buffer): void {
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    while (rest.length >= 5) {
      const length = rest.readUInt32BE(0)
      const kind = FRAME_KINDS[rest[4]!]
      if (kind === undefined || length > MAX_FRAME_BYTES) throw new RangeError('not a telemetry frame')
      if (rest.length < 5 + length) break
      this.#onFrame(kind, rest.toString('utf8', 5, 5 + length))
      rest = rest.subarray(5 + length)
    }
    this.#pending = rest
  }
}
