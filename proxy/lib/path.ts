// One reading of a request target: what is matched is what is forwarded (RFC 3986 section 6.2.2).

/** `refusal`: a stable word. */
export type TargetReading = { path: string; query: string } | { refusal: string }

/** A path that is already normal; each segment starts with its slash, so the match is linear. */
const PLAIN = /^(?:\/[A-Za-z0-9_~!$&'()*+,;=:@-][A-Za-z0-9_~!$&'()*+,;=:@.-]*)*\/?$/
/** What no target may hold unescaped. Browsers do send a backslash in a query, and nobody reads a path from there. */
const FORBIDDEN = /[^\x21-\x7e]|#|^[^?]*\\/
const BAD_ESCAPE = /%(?![0-9a-fA-F]{2})/
/** NUL, CR, LF, and the first bytes that no valid UTF-8 has (overlong forms among them). */
const HOSTILE_ESCAPE = /%(?:00|0[aAdD]|[cC][01]|[fF][5-9a-fA-F])/

/**
 * Reads an origin-form target. The path comes out with dot segments and duplicate slashes removed,
 * unreserved escapes decoded, other escapes upper-case; `%2F` stays what it is. The query is untouched.
 */
export function readTarget(target: string): TargetReading {
  const mark = target.indexOf('?')
  const raw = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? '' : target.slice(mark + 1)
  if (FORBIDDEN.test(target)) return { refusal: 'forbidden_character' }
  if (raw[0] !== '/') return { refusal: 'not_origin_form' }
  if (PLAIN.test(raw)) return { path: raw, query }
  if (BAD_ESCAPE.test(raw)) return { refusal: 'bad_escape' }
  if (HOSTILE_ESCAPE.test(raw)) return { refusal: 'hostile_escape' }
  const path = removeDots(raw.replace(/%[0-9a-fA-F]{2}/g, decodeUnreserved))
  return path === undefined ? { refusal: 'above_root' } : { path, query }
}

/** Unreserved characters (RFC 3986 section 2.3) mean the same escaped or not. */
function decodeUnreserved(triplet: string): string {
  const char = String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
  return /[A-Za-z0-9\-._~]/.test(char) ? char : triplet.toUpperCase()
}

/** @returns undefined when `..` would leave the root */
function removeDots(path: string): string | undefined {
  const kept: string[] = []
  const segments = path.split('/')
  const last = segments.length - 1
  for (let i = 1; i <= last; i++) {
    const segment = segments[i]!
    if (segment === '..') {
      if (kept.length === 0) return undefined
      kept.pop()
      if (i === last) kept.push('')
    } else if (segment === '.') {
      if (i === last) kept.push('')
    } else if (segment !== '' || i === last) {
      kept.push(segment)
    }
  }
  return `/${kept.join('/')}`
}
