// Without these a chat, a live page or a game behind Oriel would not work, or would be a hole in it.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startRawUpstream, startUpstream } from '../support/upstream.ts'

let server: Server
let gate: TestGate
const yaml = (port: number) => `routes:\n  x:\n    to: 127.0.0.1:${port}\n`

beforeAll(async () => {
  server = createServer((_request, response) => response.end('plain'))
  const sockets = new WebSocketServer({ server, path: '/chat' })
  sockets.on('connection', socket => socket.on('message', (data, binary) => socket.send(data, { binary })))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  gate = await startGate(yaml((server.address() as AddressInfo).port))
})
afterAll(async () => {
  await gate.close()
  server.closeAllConnections()
  server.close()
})

const connect = (path = '/chat') =>
  new WebSocket(`ws://127.0.0.1:${gate.http}${path}`, { headers: { host: 'x' } })

const handshake = (more = '') =>
  'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${more}\r\n`

test('messages of every size pass both ways, and the end is recorded', async () => {
  const socket = connect()
  await once(socket, 'open')
  for (const size of [1, 126, 70_000, 1_000_000]) {
    socket.send(Buffer.alloc(size, 1))
    const [data] = (await once(socket, 'message')) as [Buffer]
    expect(data.length).toBe(size)
  }
  socket.close(1000)
  const [code] = await once(socket, 'close')
  expect(code).toBe(1000)
  const record = (await gate.records(1)).at(-1)!
  expect(record).toMatchObject({ status: 101, path: '/chat', error: '' })
  expect(record.inBytes).toBeGreaterThan(1_000_000)
})

test('a WebSocket survives a reload', async () => {
  const socket = connect()
  await once(socket, 'open')
  gate.reload(`${yaml((server.address() as AddressInfo).port)}    limit: 100/s\n`)
  socket.send('still here')
  const [data] = (await once(socket, 'message')) as [Buffer]
  expect(data.toString()).toBe('still here')
  socket.close()
  await once(socket, 'close')
})

test('an upstream that refuses the switch is heard as it is', async () => {
  const answer = await rawRequest(gate.http, handshake().replace('/chat', '/elsewhere'))
  expect(answer.statuses).toEqual([400])
  expect(answer.closed).toBe(true)
})

test('bytes sent before the 101 do not reach the upstream as a tunnel', async () => {
  const upstream = await startRawUpstream((socket, received) => {
    if (received.endsWith('\r\n\r\n')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno')
  })
  const other = await startGate(yaml(upstream.port))
  await rawRequest(other.http, `${handshake()}GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n`)
  expect(upstream.received.join('')).not.toContain('smuggled')
  await other.close()
  await upstream.close()
})

test('another version of WebSocket is told which one works', async () => {
  const { text } = await rawRequest(gate.http, handshake().replace('Version: 13', 'Version: 8'))
  expect(text).toMatch(/^HTTP\/1\.1 426 /)
  expect(text.toLowerCase()).toContain('sec-websocket-version: 13')
})

test('an upgrade to anything else is answered as plain HTTP', async () => {
  const { statuses, text } = await rawRequest(
    gate.http,
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
  )
  expect(statuses).toEqual([200])
  expect(text).toContain('plain')
})

test('server-sent events arrive one by one, not when the stream ends', async () => {
  let push: (text: string) => void = () => {}
  const upstream = await startUpstream((_request, response) => {
    response.setHeader('content-type', 'text/event-stream')
    response.flushHeaders()
    push = text => response.write(text)
    push('data: one\n\n')
  })
  const other = await startGate(yaml(upstream.port))
  const answer = await rawRequest(
    other.http,
    'GET / HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAccept-Encoding: gzip\r\n\r\n',
    text => {
      if (text.includes('one') && !text.includes('two')) push('data: two\n\n')
      return text.includes('two')
    },
  )
  expect(answer.text).toContain('data: two')
  await other.close()
  await upstream.close()
})
