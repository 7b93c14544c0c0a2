// Several ranges in one body: multipart/byteranges (RFC 9110 section 14.6).
import { randomHex } from '../../lib/random-id.ts'
import type { ByteRange } from './range.ts'

export interface Multipart {
  readonly contentType: string
  readonly body: Buffer
}

/** @param contentType of the whole; '' where it has none */
export function multipart(whole: Buffer, ranges: readonly ByteRange[], contentType: string): Multipart {
  // Long and random: whoever wrote the body cannot have put it there.
  const boundary = randomHex(32)
  const type = contentType === '' ? '' : `content-type: ${contentType}\r\n`
  const parts: Buffer[] = []
  for (const { first, last } of ranges) {
    const head = `--${boundary}\r\n${type}content-range: bytes ${first}-${last}/${whole.length}\r\n\r\n`
    parts.push(
      Buffer.from(parts.length === 0 ? head : `\r\n${head}`, 'latin1'),
      whole.subarray(first, last + 1),
    )
  }
  parts.push(Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1'))
  return { contentType: `multipart/byteranges; boundary=${boundary}`, body: Buffer.concat(parts) }
}
