// Writes so many bytes as fast as the other side takes them.
import { once } from 'node:events'
import type { Writable } from 'node:stream'

const piece = Buffer.alloc(256 * 1024, 'oriel ')

/** Resolves when all is handed to the system; rejects when the other side goes away. */
export async function streamOut(stream: Writable, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= piece.length) {
    if (stream.destroyed) throw new Error(`the other side left ${left} bytes`)
    if (!stream.write(left < piece.length ? piece.subarray(0, left) : piece)) await once(stream, 'drain')
  }
  stream.end()
}
