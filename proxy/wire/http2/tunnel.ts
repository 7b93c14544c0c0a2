// An extended CONNECT becomes a WebSocket (RFC 8441): the stages of any request, then a stream as a connection.
import type { RequestHead } from '../../pipeline/exchange.ts'
import { Http2Handshake } from '../handshake.ts'
import { UpgradeEnd } from '../upgrade.ts'
import type { StreamHost } from './live-stream.ts'
import { TunnelStream } from './tunnel-stream.ts'

const NONE = Buffer.alloc(0)

export function startTunnel(id: number, head: RequestHead, ended: boolean, host: StreamHost): void {
  const stream = new TunnelStream(id, host)
  host.add(stream)
  if (ended) stream.finished()
  const end = new UpgradeEnd(stream, NONE, host.gate, new Http2Handshake(stream))
  end.attach(host.gate.accept(head, end, null))
}
