// SETTINGS (RFC 9113 section 6.5): ours, and the client's, checked before any of them counts.
import type { ClientLimits } from '../../lib/client-limits.ts'
import { H2 } from '../../lib/http2-codes.ts'
import { DEFAULT_WINDOW, MAX_31, SETTING, settings, windowUpdate } from './frames.ts'
import { STREAM_WINDOW } from './receive-window.ts'
import { CONNECTION_WINDOW } from './streams.ts'

/** What we say first: our settings, and the window of the whole connection. */
export function greeting(limits: ClientLimits): string {
  const ours = settings([
    [SETTING.MAX_CONCURRENT_STREAMS, limits.maxStreams],
    [SETTING.INITIAL_WINDOW_SIZE, STREAM_WINDOW],
    [SETTING.MAX_HEADER_LIST_SIZE, limits.maxHeadBytes],
    [SETTING.ENABLE_CONNECT_PROTOCOL, 1],
    [SETTING.NO_RFC7540_PRIORITIES, 1],
  ])
  return ours + windowUpdate(0, CONNECTION_WINDOW - DEFAULT_WINDOW)
}

/** What is not said stays as it is: undefined. */
export interface ClientSettings {
  /** Each that it said: what falls out of a table that was small for a moment is gone. */
  tableSizes: number[]
  window?: number
  frameBytes?: number
}

/** @param input a SETTINGS payload from `start` to `end` @returns the code of an error of the connection, or what it says */
export function readSettings(input: Buffer, start: number, end: number): ClientSettings | number {
  if ((end - start) % 6 !== 0) return H2.FRAME_SIZE_ERROR
  const said: ClientSettings = { tableSizes: [] }
  for (let at = start; at < end; at += 6) {
    const value = input.readUInt32BE(at + 2)
    switch (input.readUInt16BE(at)) {
      case SETTING.HEADER_TABLE_SIZE:
        said.tableSizes.push(value)
        break
      case SETTING.ENABLE_PUSH:
      case SETTING.ENABLE_CONNECT_PROTOCOL:
        if (value > 1) return H2.PROTOCOL_ERROR
        break
      case SETTING.INITIAL_WINDOW_SIZE:
        if (value > MAX_31) return H2.FLOW_CONTROL_ERROR
        said.window = value
        break
      case SETTING.MAX_FRAME_SIZE:
        if (value < 16_384 || value > 16_777_215) return H2.PROTOCOL_ERROR
        said.frameBytes = value
    }
  }
  return said
}
