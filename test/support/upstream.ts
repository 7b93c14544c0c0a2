// Backends for tests: an ordinary HTTP server, and one that sends exactly the bytes it is told.
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net'

export interface TestUpstream {
  port: number
  /** Requests that arrived. */
  hits: number
  close(): Promise<void>
}

function listening(server: Server | ReturnType<typeof createTcp>): Promise<number> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

export async function startUpstream(
  listener: RequestListener,
  prepare: (server: Server) => void = () => {},
): Promise<TestUpstream> {
  const sockets = new Set<Socket>()
  const upstream: TestUpstream = { port: 0, hits: 0, close: async () => {} }
  const server = createServer((request: IncomingMessage, response) => {
    upstream.hits++
    listener(request, response as never)
  })
  prepare(server)
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  upstream.port = await listening(server)
  upstream.close = () =>
    new Promise(resolve => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return upstream
}

/** @param script gets each connection and the bytes received so far, after each chunk */
export async function startRawUpstream(
  script: (socket: Socket, received: string) => void,
): Promise<TestUpstream & { received: string[] }> {
  const sockets = new Set<Socket>()
  const upstream = { port: 0, hits: 0, received: [] as string[], close: async () => {} }
  const server = createTcp(socket => {
    upstream.hits++
    sockets.add(socket)
    const index = upstream.received.push('') - 1
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('data', chunk => {
      upstream.received[index] += chunk.toString('latin1')
      script(socket, upstream.received[index]!)
    })
  })
  upstream.port = await listening(server)
  upstream.close = () =>
    new Promise(resolve => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })
  return upstream
}
