// The end of a chunked body, with the fields that may come behind it (RFC 9112 section 7.1.2).
import type { Headers } from '../headers.ts'
import { barredTrailer } from '../trailer-names.ts'

const NO_TRAILERS = '0\r\n\r\n'

export function lastChunk(trailers: Headers | null): string {
  if (trailers === null) return NO_TRAILERS
  let text = '0\r\n'
  const { flat } = trailers
  for (let i = 0; i < flat.length; i += 2)
    if (barredTrailer(flat[i]!) === '') text += `${flat[i]}: ${flat[i + 1]}\r\n`
  return `${text}\r\n`
}
