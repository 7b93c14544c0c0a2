// One byte range out of a whole body (RFC 9110 section 14.2).

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/**
 * @returns undefined where the field is to be ignored (another unit, several ranges, not well-formed): the
 * whole is always a valid answer. 'unsatisfiable' → 416.
 */
export function readRange(field: string, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(field.trim())
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  if (match[1] === '') {
    // Section 14.1.2: the last so many bytes.
    const suffix = Number(match[2])
    if (suffix === 0 || bytes === 0) return 'unsatisfiable'
    return { first: Math.max(0, bytes - suffix), last: bytes - 1 }
  }
  const first = Number(match[1])
  const last = match[2] === '' ? bytes - 1 : Math.min(Number(match[2]), bytes - 1)
  if (match[2] !== '' && Number(match[2]) < first) return undefined
  return first >= bytes ? 'unsatisfiable' : { first, last }
}
