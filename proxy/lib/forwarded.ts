// The Forwarded field (RFC 7239): read as a whole or not at all, written one element at a time.

/** One hop as a proxy told of it; '' what it did not say. */
export interface ForwardedElement {
  /** Node as written, unquoted: `192.0.2.1`, `[2001:db8::1]:4711`, `_hidden`, `unknown`. */
  for: string
  proto: string
  host: string
}

/** Section 4: a token, or a quoted string, on both sides of `=`. Sticky: parts follow each other without a gap. */
const PAIR =
  /[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+)|"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[^\x00-\x08\x0a-\x1f\x7f])*)")[ \t]*([;,]|$)/y
const EMPTY = /[ \t]*(,|$)/y
/** More hops than this are no chain of proxies. */
const MAX_ELEMENTS = 64
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Left to right. @returns undefined when it is malformed: then no part of it means anything */
export function readForwarded(text: string): ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = []
  let at = 0
  for (;;) {
    EMPTY.lastIndex = at
    const empty = EMPTY.exec(text)
    if (empty !== null) {
      if (empty[1] === '') return elements
      at = EMPTY.lastIndex
      continue
    }
    const element = readElement(text, at)
    if (element === undefined || elements.length === MAX_ELEMENTS) return undefined
    elements.push(element.element)
    if (element.ended) return elements
    at = element.next
  }
}

function readElement(
  text: string,
  start: number,
): { element: ForwardedElement; next: number; ended: boolean } | undefined {
  const said = new Map<string, string>()
  let at = start
  for (;;) {
    PAIR.lastIndex = at
    const pair = PAIR.exec(text)
    if (pair === null) return undefined
    const name = pair[1]!.toLowerCase()
    // A parameter stands at most once in an element (section 4).
    if (said.has(name)) return undefined
    said.set(name, pair[2] ?? pair[3]!.replace(/\\(.)/g, '$1'))
    at = PAIR.lastIndex
    if (pair[4] === ';') continue
    const element = {
      for: said.get('for') ?? '',
      proto: said.get('proto') ?? '',
      host: said.get('host') ?? '',
    }
    return { element, next: at, ended: pair[4] === '' }
  }
}

/** An address as a node: IPv6 in brackets and quotes (section 6); what is no address is `unknown`. */
export function forwardedNode(address: string): string {
  if (address === '') return 'unknown'
  return address.includes(':') ? `"[${address}]"` : address
}

/** A parameter's value, quoted where it must be. */
export function forwardedValue(text: string): string {
  return TOKEN.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}
