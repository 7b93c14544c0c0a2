// W3C Trace Context (level 1): reading `traceparent` and `tracestate` as strictly as the standard asks.

export interface TraceParent {
  traceId: string
  parentId: string
  /** Only bit 0, sampled: the others are not ours to pass on (section 3.2.2.5.1). */
  flags: number
}

const SHAPE = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[^,]*)?$/
const ZERO_TRACE = '0'.repeat(32)
const ZERO_SPAN = '0'.repeat(16)

/** @param value all `traceparent` fields joined by a comma: two of them are invalid */
export function parseTraceparent(value: string): TraceParent | undefined {
  const match = SHAPE.exec(value)
  if (match === null) return undefined
  const [, version, traceId, parentId, flags, rest] = match
  // Section 3.2.2.1: version ff is invalid; 3.2.4: only later versions may carry more than 55 characters.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (traceId === ZERO_TRACE || parentId === ZERO_SPAN) return undefined
  return { traceId: traceId!, parentId: parentId!, flags: Number.parseInt(flags!, 16) & 1 }
}

const MAX_MEMBERS = 32
const MAX_CHARS = 512
const LONG_MEMBER = 128
const MEMBER =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/** @returns the list as it is passed on; '' when it is invalid as a whole (section 3.3.1) */
export function cleanTracestate(value: string): string {
  const members: string[] = []
  const keys = new Set<string>()
  for (const part of value.split(',')) {
    const member = part.trim()
    if (member === '') continue // Section 3.3.1.1: empty members are allowed
    if (!MEMBER.test(member) || members.length === MAX_MEMBERS) return ''
    keys.add(member.slice(0, member.indexOf('=')))
    members.push(member)
  }
  // Section 3.3.1.3.1: one entry per key.
  if (keys.size !== members.length) return ''
  return shorten(members).join(',')
}

/** Section 3.3.1.5: long members go first, then members from the end. */
function shorten(members: string[]): string[] {
  let chars = members.reduce((sum, member) => sum + member.length + 1, -1)
  for (let i = members.length - 1; i >= 0 && chars > MAX_CHARS; i--) {
    if (members[i]!.length <= LONG_MEMBER) continue
    chars -= members[i]!.length + 1
    members.splice(i, 1)
  }
  while (chars > MAX_CHARS) chars -= members.pop()!.length + 1
  return members
}
