// A TCP connection whose first bytes are a PROXY header, opened before TLS begins on it.
import { connect, type Socket } from 'node:net'
import { ProxyError } from '../../pipeline/errors.ts'
import { asTransportError } from './errors.ts'
import type { Outgoing } from './transport.ts'

interface Destination {
  host: string
  port: number
  connectMs: number
}

/** One of `ready` and `failed` is called, once. Until then `out.cancel` gives it up. */
export function connectPrefaced(
  out: Outgoing,
  preface: Buffer,
  { host, port, connectMs }: Destination,
  ready: (socket: Socket) => void,
  failed: (error: ProxyError) => void,
): void {
  const socket = connect({ host, port, noDelay: true })
  const fail = (error: ProxyError): void => {
    clearTimeout(timer)
    socket.off('error', broken)
    // What comes of closing it concerns nobody.
    socket.on('error', () => {})
    socket.destroy()
    out.cancel = null
    failed(error)
  }
  const broken = (error: Error): void => fail(asTransportError(error, out, { host, port }))
  const late = new ProxyError('connection_timeout', `connect timed out (${host}:${port})`, { unsent: true })
  const timer = setTimeout(() => fail(late), connectMs)
  out.cancel = () => fail(new ProxyError('client_aborted', 'given up'))
  socket.once('error', broken)
  socket.once('connect', () => {
    clearTimeout(timer)
    out.cancel = null
    // Errors from here on are told by the TLS socket above it.
    socket.off('error', broken)
    socket.on('error', () => {})
    socket.write(preface)
    ready(socket)
  })
}
