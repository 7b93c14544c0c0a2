// The field lines of an HTTP/1 head, read strictly (RFC 9112 section 5), by index and without objects.

/** What no head may hold: controls but TAB, a CR or LF that is not part of a CRLF, bytes above latin1. */
const FORBIDDEN = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)|(?:^|[^\r])\n/
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Names as they came → lower-case; the same few names come again and again. */
const names = new Map<string, string>()
const NAMES_MAX = 1024
const NAME_MAX = 64

/** @returns the lower-case name, or '' when it is no token */
function lowerName(raw: string): string {
  const known = names.get(raw)
  if (known !== undefined) return known
  if (!TOKEN.test(raw)) return ''
  // Its own text: a piece of what was read would keep all of that alive.
  const own = interned(raw)
  const lower = interned(own.toLowerCase())
  if (names.size < NAMES_MAX && raw.length <= NAME_MAX) names.set(own, lower)
  return lower
}

/** @returns the same text as the engine's own copy: two of those are compared by where they stand, not by letters */
function interned(text: string): string {
  return Object.keys({ [text]: 0 })[0]!
}

/** Is the text free of what no head may hold? Ask once per head, before its lines are read. */
export function isClean(head: string): boolean {
  return !FORBIDDEN.test(head)
}

/**
 * Reads `name: value` lines.
 * @param head clean text, without the empty line at its end
 * @param from where the first field line begins; at or past the end: no fields
 * @returns name, value, name, value …, or undefined when a line is none (obs-fold, no colon, bad name)
 */
export function readFields(head: string, from: number): string[] | undefined {
  const flat: string[] = []
  const { length } = head
  let at = from
  while (at < length) {
    let end = head.indexOf('\r\n', at)
    if (end < 0) end = length
    const colon = head.indexOf(':', at)
    if (colon <= at || colon >= end) return undefined
    const name = lowerName(head.slice(at, colon))
    if (name === '') return undefined
    let start = colon + 1
    let stop = end
    while (start < stop && isBlank(head.charCodeAt(start))) start++
    while (stop > start && isBlank(head.charCodeAt(stop - 1))) stop--
    flat.push(name, head.slice(start, stop))
    at = end + 2
  }
  return flat
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
