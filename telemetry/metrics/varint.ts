// Unsigned LEB128 numbers up to 2^53, so that a histogram costs two bytes per filled bucket.

export interface VarintCursor {
  bytes: Uint8Array
  at: number
}

export function writeVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
}

/** Advances the cursor; a number cut off at the end reads as far as it goes. */
export function readVarint(cursor: VarintCursor): number {
  let value = 0
  let factor = 1
  while (cursor.at < cursor.bytes.length) {
    const byte = cursor.bytes[cursor.at++]!
    value += (byte & 0x7f) * factor
    if (byte < 0x80) break
    factor *= 0x80
  }
  return value
}
