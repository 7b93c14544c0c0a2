// A slow peer must slow the other side down, not fill the memory that every other client needs.

import { type AddressInfo, connect, createServer, Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { Http1Wire } from '../../proxy/wire/http1/wire.ts'
import { startGate } from '../support/gate.ts'

const SIZE = 64 * 1024 * 1024
/** What may wait inside the gate; the kernel's own buffers, some megabytes on each side, come on top. */
const WITHIN = 1024 * 1024
const CHUNK = Buffer.alloc(64 * 1024)

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

/** An upstream that is one socket, read and written by hand. @returns its port and the socket once it is there */
async function byHand(): Promise<{ port: number; socket: Promise<Socket> }> {
  let found: (socket: Socket) => void
  const socket = new Promise<Socket>(resolve => {
    found = resolve
  })
  const server = createServer({ pauseOnConnect: true }, it => {
    it.on('error', () => {})
    found(it)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  open.push({ close: () => new Promise(resolve => void server.close(() => resolve())) })
  void socket.then(it => open.push({ close: async () => void it.destroy() }))
  return { port: (server.address() as AddressInfo).port, socket }
}

/** Writes until the peer takes no more, or all is written. @returns asks how many bytes have left */
function pour(socket: Socket): () => number {
  let given = 0
  const more = (): void => {
    while (given < SIZE) {
      given += CHUNK.length
      if (!socket.write(CHUNK)) return void socket.once('drain', more)
    }
  }
  more()
  return () => given - socket.writableLength
}

/** Resolves when `count` has stood still for some turns. */
async function still(count: () => number): Promise<number> {
  for (let last = -1, same = 0; ; ) {
    const now = count()
    same = now === last ? same + 1 : 0
    last = now
    if (same === 100) return now
    await new Promise(resolve => setTimeout(resolve, 2))
  }
}

/** Reads `bytes`, then stops. */
async function take(socket: Socket, bytes: number): Promise<number> {
  let got = 0
  return new Promise(resolve => {
    const onData = (chunk: Buffer): void => {
      got += chunk.length
      if (got < bytes) return
      socket.off('data', onData).pause()
      resolve(got)
    }
    socket.on('data', onData).resume()
  })
}

/** The gate's own sockets: it runs in this process. */
const taken = vi.spyOn(Http1Wire.prototype, 'take')
const dialled = vi.spyOn(Socket.prototype, 'connect')
const toClient = (): Socket => taken.mock.calls.at(-1)![0]
const toUpstream = (port: number): Socket =>
  (dialled.mock.contexts as Socket[]).find(it => it.remotePort === port)!

/** Bytes that the gate has read on one side and the kernel not yet taken from it on the other. */
const within = (from: Socket, to: Socket): number => from.bytesRead - (to.bytesWritten - to.writableLength)

test('a reader that stops, stops the upstream: 64 MB do not gather on the way', async () => {
  const upstream = await byHand()
  const gate = await startGate(`routes:\n  x: 127.0.0.1:${upstream.port}\n`)
  open.push(gate)
  const client = connect(gate.http, '127.0.0.1').on('error', () => {})
  client.pause()
  client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const socket = await upstream.socket
  socket.resume()
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${SIZE}\r\n\r\n`)
  const left = pour(socket)
  expect(await still(left)).toBeLessThan(SIZE / 2)
  const [from, to] = [toUpstream(upstream.port), toClient()]
  expect(within(from, to)).toBeLessThan(WITHIN)
  await take(client, SIZE / 4)
  await still(left)
  expect(within(from, to)).toBeLessThan(WITHIN)
  // And it goes on when the reader does.
  await take(client, SIZE / 4)
  expect(await still(left)).toBeGreaterThan(SIZE / 2)
  client.destroy()
})

test('an upstream that stops, stops the client: 64 MB do not gather on the way', async () => {
  const upstream = await byHand()
  const gate = await startGate(`routes:\n  x: 127.0.0.1:${upstream.port}\n`)
  open.push(gate)
  const client = connect(gate.http, '127.0.0.1').on('error', () => {})
  client.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${SIZE}\r\n\r\n`)
  const left = pour(client)
  const socket = await upstream.socket
  expect(await still(left)).toBeLessThan(SIZE / 2)
  const [from, to] = [toClient(), toUpstream(upstream.port)]
  expect(within(from, to)).toBeLessThan(WITHIN)
  await take(socket, SIZE / 4)
  await still(left)
  expect(within(from, to)).toBeLessThan(WITHIN)
  await take(socket, SIZE / 4)
  expect(await still(left)).toBeGreaterThan(SIZE / 2)
  client.destroy()
})
