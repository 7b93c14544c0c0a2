// A browser opens its WebSockets on the HTTP/2 connection it has: without these they would fail, or leak.
import { once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { acceptOf } from '../../proxy/upstream/transport/websocket-accept.ts'
import type { ServedCertificate } from '../../proxy/wire/tls.ts'
import { closeTunnels } from '../../proxy/wire/upgrade.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { startRawUpstream } from '../support/upstream.ts'

let certificate: ServedCertificate
let server: WebSocketServer
let gate: TestGate
let session: ClientHttp2Session

const routes = (port: number, more = '') => `routes:\n  x.test:\n    to: 127.0.0.1:${port}\n${more}`

async function dial(to: TestGate): Promise<ClientHttp2Session> {
  const made = connect(`https://127.0.0.1:${to.https}`, { rejectUnauthorized: false, servername: 'x.test' })
  await once(made, 'remoteSettings')
  return made
}

beforeAll(async () => {
  certificate = await makeCertificate(['x.test'])
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  server.on('connection', (socket, request) => {
    if (request.url === '/greet') socket.send('welcome')
    socket.on('message', (data, binary) => socket.send(data, { binary }))
  })
  gate = await startGate(routes((server.address() as { port: number }).port), [certificate])
  session = await dial(gate)
})
afterAll(async () => {
  session.destroy()
  await gate.close()
  for (const socket of server.clients) socket.terminate()
  server.close()
})

interface Opened {
  stream: ClientHttp2Stream
  status: number
  headers: Record<string, unknown>
}

async function open(
  on: ClientHttp2Session,
  fields: Record<string, string> = {},
  early?: Buffer,
): Promise<Opened> {
  const stream = on.request(
    {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'https',
      ':path': '/chat',
      ':authority': 'x.test',
      'sec-websocket-version': '13',
      ...fields,
    },
    { endStream: false },
  )
  stream.on('error', () => {})
  if (early !== undefined) stream.write(early)
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>]
  return { stream, status: Number(headers[':status']), headers }
}

/** A masked frame, as clients send it (RFC 6455 section 5.3); the mask is zero. */
function frame(opcode: number, payload: Buffer | string): Buffer {
  const data = Buffer.from(payload)
  const head =
    data.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | data.length])
      : Buffer.from([0x80 | opcode, 0x80 | 126, data.length >> 8, data.length & 0xff])
  return Buffer.concat([head, Buffer.alloc(4), data])
}

async function bytes(stream: ClientHttp2Stream, count: number): Promise<Buffer> {
  let got = Buffer.alloc(0)
  while (got.length < count) {
    const chunk = stream.read() as Buffer | null
    if (chunk === null) await once(stream, 'readable')
    else got = Buffer.concat([got, chunk])
  }
  return got
}

test('the gate says that it takes WebSockets', () => {
  expect(session.remoteSettings.enableConnectProtocol).toBe(true)
})

test('a WebSocket opens with 200, echoes, closes, and is one record with its bytes', async () => {
  const { stream, status, headers } = await open(session)
  expect([status, headers['sec-websocket-accept']]).toEqual([200, undefined])
  const text = 'x'.repeat(1000)
  stream.write(frame(1, text))
  const echo = await bytes(stream, 1004)
  expect(echo.subarray(4).toString()).toBe(text)
  stream.write(frame(8, Buffer.from([0x03, 0xe8])))
  expect([...(await bytes(stream, 4))]).toEqual([0x88, 2, 0x03, 0xe8])
  stream.resume().end()
  await once(stream, 'close')
  const record = (await gate.records(1)).at(-1)!
  expect(record).toMatchObject({ status: 101, protocol: '2', method: 'GET', path: '/chat', error: '' })
  expect([record.inBytes, record.outBytes]).toEqual([1008 + 8, 1004 + 4])
})

test('what the upstream says right after it agreed is not lost', async () => {
  const { stream } = await open(session, { ':path': '/greet' })
  expect((await bytes(stream, 9)).subarray(2).toString()).toBe('welcome')
  stream.close(constants.NGHTTP2_CANCEL)
})

test('other streams of the same connection go on beside it', async () => {
  const { stream } = await open(session)
  const plain = session.request({ ':path': '/', ':authority': 'x.test' })
  const [headers] = await once(plain, 'response')
  expect(headers[':status']).toBe(426)
  plain.resume()
  stream.close(constants.NGHTTP2_CANCEL)
})

test('another protocol is not implemented, a plain CONNECT not allowed, an odd :protocol malformed', async () => {
  expect((await open(session, { ':protocol': 'connect-udp' })).status).toBe(501)
  const plain = session.request({ ':method': 'CONNECT', ':authority': 'x.test:443' })
  plain.on('error', () => {})
  const [headers] = await once(plain, 'response')
  expect(headers[':status']).toBe(405)
})

test('another version of WebSocket is told which one works', async () => {
  const { status, headers } = await open(session, { 'sec-websocket-version': '8' })
  expect([status, headers['sec-websocket-version']]).toEqual([426, '13'])
})

/** An upstream that does by hand what it is told, after a handshake it has understood. */
async function scripted(
  answer: (key: string) => string | Buffer,
  after: (socket: import('node:net').Socket, tail: string) => void = () => {},
  more = '',
) {
  const upstream = await startRawUpstream((socket, received) => {
    const end = received.indexOf('\r\n\r\n')
    if (end < 0) return
    const key = /sec-websocket-key: (\S+)/i.exec(received)?.[1] ?? ''
    if (received.length === end + 4) socket.write(answer(key))
    else after(socket, received.slice(end + 4))
  })
  const own = await startGate(routes(upstream.port, more), [certificate])
  const on = await dial(own)
  return {
    upstream,
    own,
    on,
    async close() {
      on.destroy()
      await own.close()
      await upstream.close()
    },
  }
}

const agree = (key: string) =>
  `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${acceptOf(key)}\r\n\r\n`

test('an upstream that does not prove that it read the key did not agree', async () => {
  const world = await scripted(() => agree('another key'))
  expect((await open(world.on)).status).toBe(502)
  expect((await world.own.records(1))[0]).toMatchObject({ error: 'http_upgrade_failed' })
  await world.close()
})

test('a refusal is relayed as the reply that it is, its chunks whole', async () => {
  const world = await scripted(
    () => 'HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n4\r\n you\r\n0\r\n\r\n',
  )
  const { stream, status } = await open(world.on)
  expect([status, (await bytes(stream, 7)).toString()]).toEqual([403, 'not you'])
  await world.close()
})

test('what a client says too early reaches the upstream only when it has agreed', async () => {
  const refusing = await scripted(() => 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno')
  await open(refusing.on, {}, Buffer.from('GET /smuggled HTTP/1.1\r\n\r\n'))
  expect(refusing.upstream.received.join('')).not.toContain('smuggled')
  await refusing.close()
  const agreeing = await scripted(agree, (socket, tail) => socket.write(`heard ${tail}`))
  const { stream } = await open(agreeing.on, {}, Buffer.from('early'))
  expect((await bytes(stream, 11)).toString()).toBe('heard early')
  await agreeing.close()
})

test('either side may end first: the other is heard to its end', async () => {
  const world = await scripted(agree, (socket, tail) => {
    if (tail === 'bye') socket.once('end', () => socket.end('last words'))
  })
  const { stream } = await open(world.on)
  stream.end('bye')
  expect((await bytes(stream, 10)).toString()).toBe('last words')
  await once(stream.resume(), 'close')
  expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR)
  await world.close()
})

test('an upstream that resets the tunnel resets the stream: never a clean end', async () => {
  const world = await scripted(agree, socket => socket.resetAndDestroy())
  const { stream } = await open(world.on)
  stream.write('go')
  stream.resume()
  await once(stream, 'close')
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL)
  expect((await world.own.records(1))[0]).toMatchObject({ error: 'connection_terminated' })
  await world.close()
})

test('a client that resets its stream frees the connection to the upstream', async () => {
  let gone = () => {}
  const left = new Promise<void>(resolve => (gone = resolve))
  const world = await scripted(agree, socket => socket.on('close', () => gone()))
  const { stream } = await open(world.on)
  stream.write('x')
  stream.close(constants.NGHTTP2_CANCEL)
  await left
  await world.close()
})

test("the route's timeout.tunnel ends what is idle", async () => {
  const world = await scripted(agree, () => {}, '    timeout: { tunnel: 50ms }\n')
  const { stream } = await open(world.on)
  stream.resume()
  await once(stream, 'close')
  expect((await world.own.records(1))[0]).toMatchObject({ error: 'connection_read_timeout' })
  await world.close()
})

test('a slow reader holds the upstream back', async () => {
  let written = 0
  const world = await scripted(agree, socket => {
    const more = () => {
      while (written < 32 * 1024 * 1024) {
        written += 65_536
        if (!socket.write(Buffer.alloc(65_536))) return
      }
    }
    socket.on('drain', more)
    more()
  })
  const { stream } = await open(world.on)
  stream.write('pour')
  await once(stream, 'readable')
  // Another stream answers while this one is not read.
  expect((await open(world.on)).status).toBe(200)
  expect(written).toBeLessThan(24 * 1024 * 1024)
  await world.close()
})

test('on shutdown the client hears 1001, and not in the middle of a frame', async () => {
  const world = await scripted(agree, (socket, tail) => {
    // A frame of four bytes, of which two are said now and two when asked again.
    if (tail === 'a') socket.write(Buffer.from([0x81, 4, 0x61, 0x62]))
    else socket.write(Buffer.from([0x63, 0x64, 0x81, 1, 0x65]))
  })
  const { stream } = await open(world.on)
  stream.write('a')
  expect([...(await bytes(stream, 4))]).toEqual([0x81, 4, 0x61, 0x62])
  closeTunnels()
  stream.write('b')
  expect([...(await bytes(stream, 9))]).toEqual([0x63, 0x64, 0x81, 1, 0x65, 0x88, 2, 0x03, 0xe9])
  await world.close()
})
