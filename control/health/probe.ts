// Asks an upstream once whether it is well.
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { ActiveCheck, Target } from '../../config/schema.ts'
import { localProxyHeader, type ProxyVersion } from '../../proxy/lib/proxy-header.ts'
import { probeHttp2 } from './probe-http2.ts'

/** @returns what is wrong in a few words, '' when it is well. Never rejects. */
export function probe(
  target: Target,
  check: ActiveCheck,
  verify: boolean,
  proxyProtocol: ProxyVersion | null = null,
): Promise<string> {
  return new Promise(resolve => {
    if (target.protocol === 'h2' || target.protocol === 'h2c') {
      return probeHttp2(target, check, verify, (status, error) =>
        resolve(error === null ? verdict(status) : reasonOf(error, check.timeoutMs)),
      )
    }
    const request = target.protocol === 'https' ? requestHttps : requestHttp
    const signal = AbortSignal.timeout(check.timeoutMs)
    const options = {
      host: target.host,
      port: target.port,
      path: check.path,
      // A probe must tell of new connections too, so it never reuses one.
      ...(proxyProtocol === null
        ? { agent: false as const }
        : { createConnection: prefaced(target, verify, proxyProtocol, signal) }),
      headers: { host: target.name, 'user-agent': 'oriel-health', connection: 'close' },
      rejectUnauthorized: verify,
      signal,
    }
    const sent = request(options, response => {
      const status = response.statusCode ?? 0
      response.destroy()
      resolve(verdict(status))
    })
    sent.on('error', error => resolve(reasonOf(error, check.timeoutMs)))
    sent.end()
  })
}

/** The connection is our own: its PROXY header names no client. */
function prefaced(
  { protocol, host, port }: Target,
  verify: boolean,
  version: ProxyVersion,
  signal: AbortSignal,
) {
  return (_options: object, done: (error: Error | null, socket: Socket) => void): undefined => {
    const socket = connect({ host, port, signal })
    const failed = (error: Error): void => done(error, socket)
    socket.once('error', failed)
    socket.once('connect', () => {
      socket.off('error', failed)
      socket.write(localProxyHeader(version))
      if (protocol === 'http') return done(null, socket)
      // Errors from here on are told by the TLS socket above it.
      socket.on('error', () => {})
      const servername = isIP(host) === 0 ? host : ''
      done(null, connectTls({ socket, servername, rejectUnauthorized: verify }))
    })
  }
}

const verdict = (status: number): string => (status >= 200 && status < 400 ? '' : `answered ${status}`)

function reasonOf(error: NodeJS.ErrnoException, timeoutMs: number): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`
  if (error.code === 'ECONNREFUSED') return 'refused the connection'
  return error.code ?? error.message
}
