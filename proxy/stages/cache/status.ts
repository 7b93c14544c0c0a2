// The Cache-Status field (RFC 9211): what the cache did, for whoever debugs with curl.

/** RFC 9211 section 2.2: why the request went on. */
export type Forwarded = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale'

export interface StatusDetail {
  /** Section 2.3: the upstream's status where it is not the client's; 0: the same. */
  fwdStatus?: number
  /** Section 2.4, seconds. */
  ttlS?: number
  stored?: boolean
  /** Section 2.6: another request's fetch brought the answer. */
  collapsed?: boolean
  /** Section 2.7: see `keyText`. */
  key?: string
  detail?: string
}

/** @param detail why it may answer, where it is not simply fresh; '' where it is */
export function hit(ttlS: number, key: string, detail = ''): string {
  return detail === ''
    ? `oriel; hit; ttl=${ttlS}; key="${key}"`
    : `oriel; hit; ttl=${ttlS}; key="${key}"; detail=${detail}`
}

export function forwarded(why: Forwarded, given: StatusDetail = {}): string {
  let text = `oriel; fwd=${why}`
  if (given.fwdStatus) text += `; fwd-status=${given.fwdStatus}`
  if (given.ttlS !== undefined) text += `; ttl=${given.ttlS}`
  if (given.stored) text += '; stored'
  if (given.collapsed) text += '; collapsed'
  if (given.key) text += `; key="${given.key}"`
  return given.detail ? `${text}; detail=${given.detail}` : text
}

const DIGITS = '0123456789abcdefghijklmnopqrstuv'
/** Ten bits as two digits. */
const PAIRS: readonly string[] = Array.from({ length: 1024 }, (_, i) => DIGITS[i >> 5]! + DIGITS[i & 31]!)

/**
 * Section 2.7. A hash, for the eye alone: a key holds hosts, cookies and what else requests are told apart by.
 * Not a cryptographic one, since each miss makes it (two rounds of FNV-1a, 25 bits of each).
 */
export function keyText(key: string): string {
  if (key === '') return ''
  let low = 0x811c9dc5
  let high = 0x9747b28c
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    low = Math.imul(low ^ code, 0x01000193)
    high = Math.imul(high ^ (code + i), 0x01000193)
  }
  return (
    PAIRS[(low >>> 22) & 1023]! +
    PAIRS[(low >>> 12) & 1023]! +
    PAIRS[((low >>> 2) & 0x3e0) | ((high >>> 27) & 31)]! +
    PAIRS[(high >>> 17) & 1023]! +
    PAIRS[(high >>> 7) & 1023]!
  )
}
