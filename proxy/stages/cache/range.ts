// Byte ranges out of a whole body (RFC 9110 section 14.2).

/** First and last byte, both included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/** RFC 9110 section 17.15: more than this is an attack, not a reader. */
const MAX_RANGES = 16
/** An empty element between commas is allowed (section 5.6.1). */
const SET = /^bytes=[\d\-, \t]+$/i

/**
 * @returns undefined where the field is to be ignored (another unit, not well-formed, too many, more bytes in
 * all than the body has): the whole is always a valid answer. 'unsatisfiable' → 416.
 */
export function readRanges(field: string, bytes: number): ByteRange[] | 'unsatisfiable' | undefined {
  const text = field.trim()
  if (!SET.test(text)) return undefined
  const specs = text
    .slice(6)
    .split(',')
    .map(spec => spec.trim())
    .filter(spec => spec !== '')
  if (specs.length === 0 || specs.length > MAX_RANGES) return undefined
  const ranges: ByteRange[] = []
  let total = 0
  for (const spec of specs) {
    const range = readSpec(spec, bytes)
    if (range === undefined) return undefined
    if (range === 'unsatisfiable') continue
    total += range.last - range.first + 1
    ranges.push(range)
  }
  if (ranges.length === 0) return 'unsatisfiable'
  return ranges.length > 1 && total > bytes ? undefined : ranges
}

function readSpec(spec: string, bytes: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^(\d{0,15})-(\d{0,15})$/.exec(spec)
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
