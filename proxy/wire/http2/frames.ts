// Frames as bytes (RFC 9113 sections 4.1 and 6), written as text with a character for each byte.

import { H2 } from '../../lib/http2-codes.ts'

export const DATA = 0
export const HEADERS = 1
export const PRIORITY = 2
export const RST_STREAM = 3
export const SETTINGS = 4
export const PUSH_PROMISE = 5
export const PING = 6
export const GOAWAY = 7
export const WINDOW_UPDATE = 8
export const CONTINUATION = 9

export const ACK = 0x1
export const END_HEADERS = 0x4
export const PADDED = 0x8
export const PRIORITISED = 0x20

export const HEAD_BYTES = 9
/** The most that a frame may carry unless its receiver says otherwise; we never do. */
export const FRAME_BYTES = 16_384
/** The largest number of a stream, a window or an increment of one. */
export const MAX_31 = 2 ** 31 - 1
/** What a window is before anybody says otherwise. */
export const DEFAULT_WINDOW = 65_535

export const SETTING = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
  /** RFC 8441 section 3 */
  ENABLE_CONNECT_PROTOCOL: 8,
  /** RFC 9218 section 2.1 */
  NO_RFC7540_PRIORITIES: 9,
} as const

/** Kinds that are of the connection, and the lengths of those that have only one. */
const OF_CONNECTION = new Set([SETTINGS, PING, GOAWAY])
const OF_STREAM = new Set([HEADERS, PRIORITY, RST_STREAM])
const LENGTHS = new Map([
  [RST_STREAM, 4],
  [PING, 8],
  [WINDOW_UPDATE, 4],
])

/** @returns 0, or the code where a frame of this kind cannot be on this stream or so long (section 6) */
export function misplaced(type: number, id: number, length: number): number {
  if (id === 0 ? OF_STREAM.has(type) : OF_CONNECTION.has(type)) return H2.PROTOCOL_ERROR
  const only = LENGTHS.get(type)
  const wrong = only === undefined ? type === GOAWAY && length < 8 : length !== only
  return wrong ? H2.FRAME_SIZE_ERROR : 0
}

/** @param input a PRIORITY payload from `start` to `end` @returns 0, or the code of an error of the stream (RFC 7540 section 5.3.1) */
export function priorityFault(id: number, input: Buffer, start: number, end: number): number {
  if (end - start !== 5) return H2.FRAME_SIZE_ERROR
  return (input.readUInt32BE(start) & MAX_31) === id ? H2.PROTOCOL_ERROR : 0
}

export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'

/** @param length bytes of what follows */
export function frameHead(length: number, type: number, flags: number, id: number): string {
  return String.fromCharCode(
    length >>> 16,
    (length >>> 8) & 0xff,
    length & 0xff,
    type,
    flags,
    id >>> 24,
    (id >>> 16) & 0xff,
    (id >>> 8) & 0xff,
    id & 0xff,
  )
}

/** The same in front of a payload that is bytes. */
export function writeFrameHead(
  out: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  id: number,
): void {
  out.writeUIntBE(length, at, 3)
  out[at + 3] = type
  out[at + 4] = flags
  out.writeUInt32BE(id, at + 5)
}

function u32(value: number): string {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff)
}

export function rstStream(id: number, code: number): string {
  return frameHead(4, RST_STREAM, 0, id) + u32(code)
}

export function windowUpdate(id: number, bytes: number): string {
  return frameHead(4, WINDOW_UPDATE, 0, id) + u32(bytes)
}

export function goAway(lastId: number, code: number): string {
  return frameHead(8, GOAWAY, 0, 0) + u32(lastId) + u32(code)
}

/** @param payload eight bytes, latin1 */
export function ping(flags: number, payload: string): string {
  return frameHead(8, PING, flags, 0) + payload
}

export function settings(values: readonly (readonly [id: number, value: number])[]): string {
  let payload = ''
  for (const [id, value] of values) payload += String.fromCharCode(id >>> 8, id & 0xff) + u32(value)
  return frameHead(payload.length, SETTINGS, 0, 0) + payload
}

export const SETTINGS_ACK = frameHead(0, SETTINGS, ACK, 0)
