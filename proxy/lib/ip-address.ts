// IP addresses as bytes: read from text strictly, written in their one canonical form.

const DECIMAL = /^(?:0|[1-9]\d{0,2})$/
const HEX_GROUP = /^[0-9a-fA-F]{1,4}$/
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff]

/** @returns 4 or 16 bytes; undefined when the text is no address (a zone or a leading zero makes it none) */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

/** IPv6 as RFC 5952 section 4 asks: lower-case, no leading zeros, the longest run of zeros as `::`. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i]! << 8) | bytes[i + 1]!)
  const run = longestZeroRun(groups)
  const hex = groups.map(group => group.toString(16))
  if (run.length < 2) return hex.join(':')
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`
}

/**
 * An IPv6 literal as a host (RFC 3986 section 3.2.2), in its canonical form: however it is spelt, it is one host.
 * @returns undefined for anything else between brackets: a zone, IPvFuture, `[::::]`
 */
export function bracketedIp(host: string): string | undefined {
  const bytes = parseIp(host.slice(1, -1))
  return bytes?.length === 16 ? `[${formatIp(bytes)}]` : undefined
}

/** The IPv4 address inside an IPv4-mapped one (RFC 4291 section 2.5.5.2), any other as it is. */
export function unmapIp(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 16) return bytes
  return MAPPED_PREFIX.every((byte, i) => bytes[i] === byte) ? bytes.subarray(12) : bytes
}

/** 16 bytes in any case. */
export function mapIp(bytes: Uint8Array): Uint8Array {
  return bytes.length === 16 ? bytes : Uint8Array.from([...MAPPED_PREFIX, ...bytes])
}

/** The address in its canonical form, an IPv4-mapped one as IPv4; undefined when the text is none. */
export function canonicalIp(text: string): string | undefined {
  const bytes = parseIp(text)
  return bytes === undefined ? undefined : formatIp(unmapIp(bytes))
}

function parseIpv4(text: string): Uint8Array | undefined {
  if (text.length > 15) return undefined
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const bytes = new Uint8Array(4)
  for (let i = 0; i < 4; i++) {
    const part = parts[i]!
    if (!DECIMAL.test(part) || Number(part) > 255) return undefined
    bytes[i] = Number(part)
  }
  return bytes
}

/** RFC 4291 section 2.2: eight groups, one run of zeros as `::`, a dotted quad for the last two. */
function parseIpv6(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groupsOf(halves[0]!, halves.length === 1)
  const tail = halves.length === 1 ? [] : groupsOf(halves[1]!, true)
  if (head === undefined || tail === undefined) return undefined
  const zeros = 8 - head.length - tail.length
  if (halves.length === 1 ? zeros !== 0 : zeros < 1) return undefined
  const bytes = new Uint8Array(16)
  for (const [i, group] of [...head, ...new Array<number>(zeros).fill(0), ...tail].entries()) {
    bytes[i * 2] = group >> 8
    bytes[i * 2 + 1] = group & 0xff
  }
  return bytes
}

function groupsOf(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (HEX_GROUP.test(part)) groups.push(Number.parseInt(part, 16))
    else {
      const dotted = mayEndDotted && i === parts.length - 1 ? parseIpv4(part) : undefined
      if (dotted === undefined) return undefined
      groups.push((dotted[0]! << 8) | dotted[1]!, (dotted[2]! << 8) | dotted[3]!)
    }
  }
  return groups
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}
