// Ends TLS: the certificate by name (SNI), the protocol by ALPN.
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls'
import { plainAddress } from '../lib/client-address.ts'
import { handshakeFault } from './handshake-fault.ts'

/** A certificate in PEM and the names it is for. */
export interface ServedCertificate {
  names: string[]
  certificate: string
  key: string
}

/** Which certificate answers for which name; swapped as a whole on reload. */
export class Certificates {
  #byName = new Map<string, SecureContext>()
  #first: ServedCertificate | undefined

  /** @returns what could not be loaded, with the reason */
  replace(certificates: readonly ServedCertificate[]): { names: string[]; reason: string }[] {
    const byName = new Map<string, SecureContext>()
    const failed: { names: string[]; reason: string }[] = []
    let first: ServedCertificate | undefined
    for (const served of certificates) {
      const { names, certificate, key } = served
      try {
        const context = createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' })
        first ??= served
        for (const name of names) if (!byName.has(name)) byName.set(name.toLowerCase(), context)
      } catch (error) {
        failed.push({ names, reason: (error as Error).message })
      }
    }
    this.#byName = byName
    this.#first = first
    return failed
  }

  /** Exact name, else the wildcard one label up; undefined: the server's default. */
  find(name: string): SecureContext | undefined {
    const lower = name.toLowerCase()
    return this.#byName.get(lower) ?? this.#byName.get(`*${lower.slice(lower.indexOf('.'))}`)
  }

  /** The first certificate serves names that none is for, and clients that send no name. */
  setDefault(server: Server | undefined): void {
    if (this.#first === undefined || server === undefined) return
    server.setSecureContext({ cert: this.#first.certificate, key: this.#first.key, minVersion: 'TLSv1.2' })
  }
}

/** A handshake must be done within this. */
const HANDSHAKE_MS = 10_000

export function createTlsServer(
  certificates: Certificates,
  onHttp1: (socket: TLSSocket) => void,
  onHttp2: (socket: TLSSocket) => void,
  onFault: (reason: string, client: string) => void,
): Server {
  const server = createServer({
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: HANDSHAKE_MS,
    minVersion: 'TLSv1.2',
    SNICallback: (name, done) => {
      done(null, certificates.find(name))
    },
  })
  server.on('secureConnection', socket => {
    socket.on('error', () => socket.destroy())
    socket.setNoDelay(true)
    if (socket.alpnProtocol === 'h2') onHttp2(socket)
    else onHttp1(socket)
  })
  server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
    onFault(handshakeFault(error.code ?? ''), plainAddress(socket.remoteAddress ?? ''))
    socket.destroy()
  })
  return server
}
