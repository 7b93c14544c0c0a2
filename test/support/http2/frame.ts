// HTTP/2 frames as bytes, whatever one likes to send, and bytes as frames (RFC 9113 section 4.1).

export const TYPE = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const
export const END_STREAM = 0x1
export const ACK = 0x1
export const END_HEADERS = 0x4
export const PADDED = 0x8
export const PRIORITY_FLAG = 0x20

/** RFC 9113 section 6.5.2; RFC 8441 section 3. */
export const SETTING = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
  ENABLE_CONNECT_PROTOCOL: 8,
} as const

/** RFC 9113 section 7, in the order of their numbers. */
export const CODES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
]
export const CANCEL = 8

const NONE = Buffer.alloc(0)

export interface Frame {
  type: number
  flags: number
  stream: number
  payload: Buffer
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

/** @param stream all 32 bits: the reserved one, too */
export function frame(type: number, flags: number, stream: number, payload: Buffer = NONE): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export const data = (stream: number, bytes: Buffer | string = NONE, flags = 0): Buffer =>
  frame(TYPE.DATA, flags, stream, Buffer.from(bytes))

/** A whole head by default, with nothing after it. */
export const headers = (stream: number, block: Buffer, flags = END_HEADERS | END_STREAM): Buffer =>
  frame(TYPE.HEADERS, flags, stream, block)

export const continuation = (stream: number, block: Buffer, flags = END_HEADERS): Buffer =>
  frame(TYPE.CONTINUATION, flags, stream, block)

export const reset = (stream: number, code: number = CANCEL): Buffer =>
  frame(TYPE.RST_STREAM, 0, stream, u32(code))

export const ping = (text = 'oriel-ok', flags = 0, stream = 0): Buffer =>
  frame(TYPE.PING, flags, stream, Buffer.from(text, 'latin1'))

export const windowUpdate = (stream: number, increment: number): Buffer =>
  frame(TYPE.WINDOW_UPDATE, 0, stream, u32(increment))

export const goaway = (last: number, code: number, stream = 0): Buffer =>
  frame(TYPE.GOAWAY, 0, stream, Buffer.concat([u32(last), u32(code)]))

/** @param weight as in the frame: one less than it means */
export const priorityOf = (dependsOn: number, weight = 15): Buffer =>
  Buffer.concat([u32(dependsOn), Buffer.from([weight])])

export const priority = (stream: number, dependsOn: number, weight = 15): Buffer =>
  frame(TYPE.PRIORITY, 0, stream, priorityOf(dependsOn, weight))

/** Payload of SETTINGS. */
export function settingsOf(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  return Buffer.concat(
    pairs.map(([id, value]) => Buffer.concat([Buffer.from([id >> 8, id & 255]), u32(value)])),
  )
}

export const settings = (...pairs: readonly (readonly [id: number, value: number])[]): Buffer =>
  frame(TYPE.SETTINGS, 0, 0, settingsOf(...pairs))

/** A payload with `pad` octets of padding after it (RFC 9113 section 6.1); the flag is the caller's. */
export const padded = (payload: Buffer | string, pad: number): Buffer =>
  Buffer.concat([Buffer.from([pad]), Buffer.from(payload), Buffer.alloc(pad)])

/** Bytes in pieces of any size, frames out. */
export class FrameReader {
  #pending = NONE

  read(chunk: Buffer): Frame[] {
    const found: Frame[] = []
    let rest = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3)
      const payload = Buffer.from(rest.subarray(9, end))
      found.push({ type: rest[3]!, flags: rest[4]!, stream: rest.readUInt32BE(5), payload })
      rest = rest.subarray(end)
    }
    this.#pending = Buffer.from(rest)
    return found
  }
}
