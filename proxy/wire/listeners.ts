// The listeners of one worker: sockets bound by the control process, connections to the right wire.
import { createServer, type Server } from 'node:net'
import type { Server as TlsServer } from 'node:tls'
import { createPlainServer } from './accept.ts'
import type { Gate } from './gate.ts'
import { Http1Wire } from './http1/wire.ts'
import { Http2Wire } from './http2/wire.ts'
import { PriorKnowledge } from './prior-knowledge.ts'
import { ProxyHeaders } from './proxy-headers.ts'
import { Certificates, createTlsServer, type ServedCertificate } from './tls.ts'
import { closeTunnels } from './upgrade.ts'

export type ListenerName = 'http' | 'https'

export class Listeners {
  readonly #gate: Gate
  readonly #certificates = new Certificates()
  readonly #http1: Http1Wire
  readonly #http2: Http2Wire
  readonly #headers: ProxyHeaders
  readonly #prior: PriorKnowledge
  readonly #servers: Server[] = []
  #tls: TlsServer | undefined

  constructor(gate: Gate) {
    this.#gate = gate
    this.#http1 = new Http1Wire(gate)
    this.#http2 = new Http2Wire(gate)
    this.#headers = new ProxyHeaders(gate)
    this.#prior = new PriorKnowledge(
      gate,
      (socket, feed) => this.#http1.take(socket, feed),
      (socket, feed) => this.#http2.take(socket, feed),
    )
  }

  get connections(): number {
    const waiting = this.#headers.connections + this.#prior.connections
    return waiting + this.#http1.connections + this.#http2.connections
  }

  /** Certificates from now on. @returns those that cannot be used, and why */
  serve(certificates: readonly ServedCertificate[]): { names: string[]; reason: string }[] {
    const unusable = this.#certificates.replace(certificates)
    this.#certificates.setDefault(this.#tls)
    return unusable
  }

  /** @param handle a bound TCP handle from the control process */
  listen(
    name: ListenerName,
    handle: object,
    listening: (port: number) => void,
    failed: (code: string) => void,
  ): void {
    const server = name === 'http' ? this.#plain() : this.#secure()
    this.#servers.push(server)
    server.once('error', error => failed((error as NodeJS.ErrnoException).code ?? error.message))
    server.listen(handle, () => {
      const address = server.address()
      listening(typeof address === 'object' && address !== null ? address.port : 0)
    })
  }

  /** Stop accepting; busy connections end their exchange. Resolves when none is left or the grace is over. */
  async drain(graceMs: number): Promise<void> {
    for (const server of this.#servers) server.close()
    this.#headers.drain()
    this.#prior.drain()
    this.#http1.drain()
    this.#http2.drain()
    closeTunnels()
    const deadline = Date.now() + graceMs
    while (this.connections > 0 && Date.now() < deadline)
      await new Promise(resolve => setTimeout(resolve, 25))
    this.#headers.cut()
    this.#http1.cut()
    this.#http2.cut()
  }

  #plain(): Server {
    return createPlainServer((socket, feed) =>
      this.#headers.admit('http', socket, feed, () => this.#prior.take(socket, feed)),
    )
  }

  /** TLS begins behind the PROXY header, so a plain server takes the connections. */
  #secure(): Server {
    const tls = createTlsServer(
      this.#certificates,
      socket => {
        this.#headers.adopt(socket)
        this.#http1.take(socket, null)
      },
      socket => {
        this.#headers.adopt(socket)
        this.#http2.take(socket, null)
      },
      (reason, client) => this.#gate.handshakeFailed(reason, client),
    )
    this.#tls = tls
    this.#certificates.setDefault(tls)
    return createServer(socket =>
      this.#headers.admit('https', socket, null, () => tls.emit('connection', socket)),
    )
  }
}
