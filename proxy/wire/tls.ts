// Ends TLS: the certificate by name (SNI), the protocol by ALPN.
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls'

/** A certificate in PEM and the names it is for. */
export interface ServedCertificate {
  names: string[]
  certificate: string
  key: string
}

/** Which certificate answers for which name; swapped as a whole on reload. */
export class Certificates {
  #byName = new Map<string, SecureContext>()
  #first: SecureContext | undefined

  /** @returns what could not be loaded, with the reason */
  replace(certificates: readonly ServedCertificate[]): { names: string[]; reason: string }[] {
    const byName = new Map<string, SecureContext>()
    const failed: { names: string[]; reason: string }[] = []
    let first: SecureContext | undefined
    for (const { names, certificate, key } of certificates) {
      try {
        const context = createSecureContext({ cert: certificate, key, minVersion: 'TLSv1.2' })
        first ??= context
        for (const name of names) if (!byName.has(name)) byName.set(name.toLowerCase(), context)
      } catch (error) {
        failed.push({ names, reason: (error as Error).message })
      }
    }
    this.#byName = byName
    this.#first = first
    return failed
  }

  /** Exact name, else the wildcard one label up, else the first certificate. */
  find(name: string): SecureContext | undefined {
    const lower = name.toLowerCase()
    return this.#byName.get(lower) ?? this.#byName.get(`*${lower.slice(lower.indexOf('.'))}`) ?? this.#first
  }

  get default(): SecureContext | undefined {
    return this.#first
  }
}

/** A handshake must be done within this. */
const HANDSHAKE_MS = 10_000

export function createTlsServer(
  certificates: Certificates,
  onHttp1: (socket: TLSSocket) => void,
  onHttp2: (socket: TLSSocket) => void,
): Server {
  const server = createServer({
    ALPNProtocols: ['h2', 'http/1.1'],
    handshakeTimeout: HANDSHAKE_MS,
    minVersion: 'TLSv1.2',
    SNICallback: (name, done) => {
      const context = certificates.find(name)
      if (context === undefined) done(new Error('no certificate'))
      else done(null, context)
    },
  })
  server.on('secureConnection', socket => {
    socket.on('error', () => socket.destroy())
    socket.setNoDelay(true)
    if (socket.alpnProtocol === 'h2') onHttp2(socket)
    else onHttp1(socket)
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  return server
}
