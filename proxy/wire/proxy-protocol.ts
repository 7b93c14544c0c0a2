// Reads the header that a load balancer puts before a connection: PROXY protocol, versions 1 and 2.
import { crc32c } from '../lib/crc32c.ts'
import { formatIp, parseIp, unmapIp } from '../lib/ip-address.ts'
import { type EndPoint, V2_SIGNATURE } from '../lib/proxy-header.ts'

/** What a header says of the connection behind it. */
export type ProxyHeader =
  /** A client, and where it had connected to. */
  | { kind: 'client'; source: EndPoint; destination: EndPoint }
  /** The sender's own connection, a health check: its real ends count (LOCAL). */
  | { kind: 'local' }
  /** Somebody else's, but it is not said whose (UNKNOWN, UNSPEC, a Unix socket). */
  | { kind: 'unknown' }

export type ProxyFault = 'bad_proxy_header' | 'bad_proxy_checksum' | 'proxy_header_too_large'

/** `length`: bytes of the header; what follows is the connection's. */
export type ProxyReading = { header: ProxyHeader; length: number } | { fault: ProxyFault }

/** Section 2.1: the longest line of version 1, CRLF included. */
const V1_MAX = 107
/** Nobody needs more: addresses, and type-length-values such as a certificate's name. */
const V2_MAX = 4096
const V2_FIXED = 16
const V1_START = Buffer.from('PROXY ', 'latin1')

const BAD = { fault: 'bad_proxy_header' } as const
const UNKNOWN = { kind: 'unknown' } as const

/** @returns undefined: so far it is the beginning of a header */
export function readProxyHeader(bytes: Buffer): ProxyReading | undefined {
  if (startsLike(bytes, V1_START)) return readV1(bytes)
  if (startsLike(bytes, V2_SIGNATURE)) return readV2(bytes)
  return BAD
}

function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length)
  return bytes.compare(start, 0, length, 0, length) === 0
}

function readV1(bytes: Buffer): ProxyReading | undefined {
  const end = bytes.subarray(0, V1_MAX).indexOf('\r\n')
  if (end < 0) return bytes.length < V1_MAX ? undefined : BAD
  const header = lineMeans(bytes.toString('latin1', 0, end))
  return header === undefined ? BAD : { header, length: end + 2 }
}

const LINE = /^PROXY TCP([46]) ([0-9a-fA-F:.]+) ([0-9a-fA-F:.]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/

function lineMeans(line: string): ProxyHeader | undefined {
  // Whatever else stands on an UNKNOWN line is to be ignored (section 2.1).
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) return UNKNOWN
  const match = LINE.exec(line)
  if (match === null) return undefined
  const size = match[1] === '4' ? 4 : 16
  const from = parseIp(match[2]!)
  const to = parseIp(match[3]!)
  const ports = [Number(match[4]), Number(match[5])] as const
  if (from?.length !== size || to?.length !== size || Math.max(...ports) > 65_535) return undefined
  return client(from, to, ports[0], ports[1])
}

function client(from: Uint8Array, to: Uint8Array, sourcePort: number, destinationPort: number): ProxyHeader {
  return {
    kind: 'client',
    source: { address: formatIp(unmapIp(from)), port: sourcePort },
    destination: { address: formatIp(unmapIp(to)), port: destinationPort },
  }
}

/** Address family and transport in one byte → bytes of the addresses (section 2.2). Datagrams do not come here. */
const ADDRESS_BYTES = new Map([
  [0x00, 0],
  [0x11, 12],
  [0x21, 36],
  [0x31, 216],
])

function readV2(bytes: Buffer): ProxyReading | undefined {
  if (bytes.length < V2_FIXED) return undefined
  const command = bytes[12]!
  const family = bytes[13]!
  const length = V2_FIXED + bytes.readUInt16BE(14)
  const addressBytes = ADDRESS_BYTES.get(family)
  if (command !== 0x20 && command !== 0x21) return BAD
  if (length > V2_MAX) return { fault: 'proxy_header_too_large' }
  if (bytes.length < length) return undefined
  // The block of a LOCAL header is discarded unread, its family included.
  if (command === 0x20) return { header: { kind: 'local' }, length }
  if (addressBytes === undefined || length < V2_FIXED + addressBytes) return BAD
  const fault = extensionFault(bytes.subarray(0, length), V2_FIXED + addressBytes)
  if (fault !== undefined) return { fault }
  return { header: addressesIn(bytes, addressBytes), length }
}

function addressesIn(bytes: Buffer, addressBytes: number): ProxyHeader {
  if (addressBytes !== 12 && addressBytes !== 36) return UNKNOWN
  const size = addressBytes === 12 ? 4 : 16
  const to = V2_FIXED + size
  const ports = to + size
  return client(
    bytes.subarray(V2_FIXED, to),
    bytes.subarray(to, ports),
    bytes.readUInt16BE(ports),
    bytes.readUInt16BE(ports + 2),
  )
}

const TYPE_CRC32C = 0x03

/** Type-length-values are passed over, a checksum among them is checked (section 2.2.3). */
function extensionFault(header: Buffer, start: number): ProxyFault | undefined {
  let checksumAt = -1
  let at = start
  while (at < header.length) {
    if (at + 3 > header.length) return 'bad_proxy_header'
    const value = at + 3
    const next = value + header.readUInt16BE(at + 1)
    if (next > header.length) return 'bad_proxy_header'
    if (header[at] === TYPE_CRC32C) {
      if (checksumAt >= 0 || next - value !== 4) return 'bad_proxy_header'
      checksumAt = value
    }
    at = next
  }
  if (checksumAt < 0) return undefined
  const zeroed = Buffer.from(header).fill(0, checksumAt, checksumAt + 4)
  return crc32c(zeroed) === header.readUInt32BE(checksumAt) ? undefined : 'bad_proxy_checksum'
}
