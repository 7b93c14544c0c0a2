// Writes PROXY headers, version 1 and 2: who the client of a connection is, before its first byte.
import { formatIp, mapIp, parseIp } from './ip-address.ts'

export type ProxyVersion = 'v1' | 'v2'

/** One end of a connection. */
export interface EndPoint {
  /** An IP address as text. */
  address: string
  /** 0: not known. */
  port: number
}

/** The first twelve bytes of version 2 (section 2.2 of the PROXY protocol). */
export const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')

const VERSION_2 = 0x20
const LOCAL = 0x00
const PROXY = 0x01
const TCP_OVER_IPV4 = 0x11
const TCP_OVER_IPV6 = 0x21

/** An end whose address is not known cannot be told: such a header says that it tells nothing. */
export function proxyHeader(version: ProxyVersion, source: EndPoint, destination: EndPoint): Buffer {
  let from = parseIp(source.address)
  let to = parseIp(destination.address)
  if (from === undefined || to === undefined) return localProxyHeader(version)
  if (from.length !== to.length) {
    // One header has one family: the IPv4 end is written as IPv6 (RFC 4291 section 2.5.5.2).
    from = mapIp(from)
    to = mapIp(to)
  }
  const ports = [source.port, destination.port] as const
  if (version === 'v1') return Buffer.from(line(from, to, ports), 'latin1')
  const body = Buffer.alloc(from.length * 2 + 4)
  body.set(from, 0)
  body.set(to, from.length)
  body.writeUInt16BE(ports[0], from.length * 2)
  body.writeUInt16BE(ports[1], from.length * 2 + 2)
  return binary(PROXY, from.length === 4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6, body)
}

/** For a connection of our own, such as a health check: no client stands behind it. */
export function localProxyHeader(version: ProxyVersion): Buffer {
  return version === 'v1' ? Buffer.from('PROXY UNKNOWN\r\n', 'latin1') : binary(LOCAL, 0, Buffer.alloc(0))
}

function line(from: Uint8Array, to: Uint8Array, ports: readonly [number, number]): string {
  const family = from.length === 4 ? 'TCP4' : 'TCP6'
  return `PROXY ${family} ${formatIp(from)} ${formatIp(to)} ${ports[0]} ${ports[1]}\r\n`
}

function binary(command: number, family: number, body: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(body.length)
  return Buffer.concat([V2_SIGNATURE, Buffer.from([VERSION_2 | command, family]), length, body])
}
