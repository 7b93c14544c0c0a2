// The same over HTTP/1.1: a tunnel that opens too early, ends too late or half, is a hole or a lost message.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { acceptOf } from '../../proxy/upstream/transport/websocket-accept.ts'
import { closeTunnels } from '../../proxy/wire/upgrade.ts'
import { startGate } from '../support/gate.ts'
import { startRawUpstream } from '../support/upstream.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const handshake = (key = KEY) =>
  `GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`
const agree = (accept = acceptOf(KEY)) =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`

async function scripted(answer: string, after: (socket: Socket, tail: string) => void = () => {}, more = '') {
  const upstream = await startRawUpstream((socket, received) => {
    const end = received.indexOf('\r\n\r\n')
    if (end < 0) return
    if (received.length === end + 4) socket.write(answer, 'latin1')
    else after(socket, received.slice(end + 4))
  })
  const gate = await startGate(`routes:\n  x:\n    to: 127.0.0.1:${upstream.port}\n${more}`)
  const client = connect({ port: gate.http, host: '127.0.0.1', allowHalfOpen: true })
  client.on('error', () => {})
  closers.push(
    () => upstream.close(),
    () => gate.close(),
    () => client.destroy(),
  )
  return { upstream, gate, client }
}

async function until(client: Socket, ending: string | RegExp): Promise<string> {
  let text = ''
  while (typeof ending === 'string' ? !text.endsWith(ending) : !ending.test(text)) {
    const chunk = client.read() as Buffer | null
    if (chunk === null) await once(client, 'readable')
    else text += chunk.toString('latin1')
  }
  return text
}

test('an upstream that does not prove that it read the key did not agree', async () => {
  const { client, gate } = await scripted(agree(acceptOf('another')))
  client.write(handshake())
  expect(await until(client, '\n')).toContain('HTTP/1.1 502')
  client.end()
  expect((await gate.records(1))[0]).toMatchObject({ status: 502, error: 'http_upgrade_failed' })
})

test('a handshake without a key of sixteen bytes goes no further', async () => {
  const { client, upstream } = await scripted(agree())
  client.write(handshake('short'))
  expect(await until(client, '\n')).toContain('HTTP/1.1 400')
  expect(upstream.hits).toBe(0)
})

test('interim replies before the 101 pass', async () => {
  const { client } = await scripted(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${agree()}`)
  client.write(handshake())
  const text = await until(client, /HTTP\/1\.1 101 [\s\S]*\r\n\r\n$/)
  expect(text).toMatch(/^HTTP\/1\.1 103 Early Hints\r\n/)
})

test('either side may end first: the other is heard to its end', async () => {
  const { client } = await scripted(agree(), (socket, tail) => {
    if (tail === 'bye') socket.once('end', () => socket.end('last words'))
  })
  client.write(handshake())
  await until(client, '\r\n\r\n')
  client.end('bye')
  expect(await until(client, 'last words')).toBe('last words')
})

test('a client that leaves before the upstream has answered frees it at once', async () => {
  let gone = () => {}
  const left = new Promise<void>(resolve => (gone = resolve))
  let asked = () => {}
  const came = new Promise<void>(resolve => (asked = resolve))
  const upstream = await startRawUpstream(socket => {
    socket.on('close', () => gone())
    asked()
  })
  const gate = await startGate(`routes:\n  x: 127.0.0.1:${upstream.port}\n`)
  closers.push(
    () => upstream.close(),
    () => gate.close(),
  )
  const client = connect(gate.http, '127.0.0.1')
  client.write(handshake())
  await came
  client.destroy()
  await left
  expect((await gate.records(1))[0]).toMatchObject({ error: 'client_aborted', aborted: true })
})

test("the route's timeout.tunnel ends what is idle", async () => {
  const { client, gate } = await scripted(agree(), () => {}, '    timeout: { tunnel: 50ms }\n')
  client.write(handshake())
  client.resume()
  await once(client, 'end')
  expect((await gate.records(1))[0]).toMatchObject({ status: 101, error: 'connection_read_timeout' })
})

test('on shutdown the client hears 1001, and not in the middle of a frame', async () => {
  const { client } = await scripted(agree(), (socket, tail) => {
    if (tail === 'a') socket.write(Buffer.from([0x81, 4, 0x61, 0x62]))
    else socket.write(Buffer.from([0x63, 0x64, 0x81, 1, 0x65]))
  })
  client.write(handshake())
  await until(client, '\r\n\r\n')
  client.write('a')
  await until(client, 'ab')
  closeTunnels()
  client.write('b')
  expect(Buffer.from(await until(client, '\x03\xe9'), 'latin1')).toEqual(
    Buffer.from([0x63, 0x64, 0x81, 1, 0x65, 0x88, 2, 0x03, 0xe9]),
  )
})

test('a WebSocket client closes with 1001 when Oriel goes', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const gate = await startGate(`routes:\n  x: 127.0.0.1:${(server.address() as { port: number }).port}\n`)
  closers.push(
    () => server.close(),
    () => gate.close(),
  )
  const socket = new WebSocket(`ws://127.0.0.1:${gate.http}/`, { headers: { host: 'x' } })
  await once(socket, 'open')
  closeTunnels()
  expect((await once(socket, 'close'))[0]).toBe(1001)
})

test('at an HTTP/2 target it is an HTTP/1.1 upgrade on a connection of its own', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', socket => socket.send('hello'))
  const { port } = server.address() as { port: number }
  const gate = await startGate(`routes:\n  x: h2c://127.0.0.1:${port}\n`)
  closers.push(
    () => server.close(),
    () => gate.close(),
  )
  const socket = new WebSocket(`ws://127.0.0.1:${gate.http}/`, { headers: { host: 'x' } })
  const [data] = (await once(socket, 'message')) as [Buffer]
  expect(data.toString()).toBe('hello')
  socket.terminate()
})
