// Reads a stream as a slow peer does: at a bounded rate, with pauses.
import type { Readable } from 'node:stream'

export interface Pace {
  bytesPerSecond: number
  /** After each so many bytes nothing is read for a while. */
  pauseEveryBytes: number
  pauseMs: number
}

/** 1 GB takes about 9 s: 7 for the rate, 2 for the pauses. */
export const SLOW: Pace = { bytesPerSecond: 150e6, pauseEveryBytes: 256 * 1024 ** 2, pauseMs: 500 }

/** Resolves with the number of bytes at the stream's end. */
export function readSlowly(stream: Readable, pace: Pace): Promise<number> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now()
    let bytes = 0
    stream.on('data', (part: Buffer) => {
      bytes += part.length
      const pauses = Math.floor(bytes / pace.pauseEveryBytes)
      const dueMs = (bytes / pace.bytesPerSecond) * 1000 + pauses * pace.pauseMs
      const aheadMs = dueMs - (performance.now() - startedMs)
      // Timers are no finer than this.
      if (aheadMs < 4) return
      stream.pause()
      setTimeout(() => stream.resume(), aheadMs)
    })
    stream.once('end', () => resolve(bytes))
    stream.once('error', reject)
    stream.once('close', () => reject(new Error(`cut after ${bytes} bytes`)))
  })
}
