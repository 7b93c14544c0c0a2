// What a TLS connection settled on, for the record; read once per connection.
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { TlsDetail } from '../../telemetry/record.ts'

const known = new WeakMap<TLSSocket, TlsDetail>()

/** Null: not TLS. */
export function tlsDetail(socket: Duplex): TlsDetail | null {
  if (!(socket instanceof TLSSocket)) return null
  let detail = known.get(socket)
  if (detail === undefined) {
    detail = {
      version: socket.getProtocol() ?? '',
      cipher: socket.getCipher()?.name ?? '',
      serverName: typeof socket.servername === 'string' ? socket.servername : '',
      resumed: socket.isSessionReused(),
    }
    known.set(socket, detail)
  }
  return detail
}
