// The PROXY header that opens a connection to an upstream: which client it will carry.
import { type ProxyVersion, proxyHeader } from '../lib/proxy-header.ts'
import type { Exchange } from '../pipeline/exchange.ts'

/** From the verified client to where the connection reached us. A port that nobody told is 0. */
export function preface(x: Exchange, version: ProxyVersion): Buffer {
  const { connection, client, peer } = x
  const source = { address: client, port: client === peer ? connection.peerPort : 0 }
  return proxyHeader(version, source, { address: connection.localAddress, port: connection.localPort })
}
