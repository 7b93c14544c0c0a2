// A WebSocket within HTTP/2 is bytes in DATA (RFC 8441): what is lost of them, or doubled, no browser could read on.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { acceptOf } from '../../../proxy/upstream/transport/websocket-accept.ts'
import { makeCertificate } from '../../support/certificate.ts'
import { startGate, type TestGate } from '../../support/gate.ts'
import { FrameClient, statusOf } from '../../support/http2/client.ts'
import {
  data,
  END_HEADERS,
  END_STREAM,
  headers,
  PADDED,
  padded,
  reset,
  SETTING,
  settingsOf,
  TYPE,
  windowUpdate,
} from '../../support/http2/frame.ts'
import { block, type Field, pseudo } from '../../support/http2/hpack.ts'
import { Upload } from '../../support/http2/upload.ts'
import { startRawUpstream, type TestUpstream } from '../../support/upstream.ts'

const BYTES = 400_000
/** One binary message to the client (RFC 6455 section 5.2), each place unlike the others. */
const PAYLOAD = Buffer.from(Array.from({ length: BYTES }, (_, i) => (i * 7919) >> 5))
const MESSAGE = Buffer.concat([
  Buffer.from([0x82, 127, 0, 0, 0, 0]),
  Buffer.from([0, BYTES >> 16, (BYTES >> 8) & 255, BYTES & 255]),
  PAYLOAD,
])

let upstream: TestUpstream & { received: string[] }
let gate: TestGate
let closed: () => void = () => {}

beforeAll(async () => {
  const begun = new WeakSet()
  upstream = await startRawUpstream((socket, received) => {
    if (begun.has(socket) || !received.includes('\r\n\r\n')) return
    begun.add(socket)
    socket.on('close', () => closed())
    if (received.includes('/probe'))
      return void socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    const key = /sec-websocket-key: (.*)\r\n/i.exec(received)![1]!
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${acceptOf(key)}\r\n\r\n`,
    )
    if (received.includes('/large')) socket.write(MESSAGE)
  })
  gate = await startGate(`routes:\n  app.test: 127.0.0.1:${upstream.port}\n`, [
    await makeCertificate(['app.test']),
  ])
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

const dial = (path: string): Field[] => [
  ...pseudo({ ':method': 'CONNECT', ':path': path }),
  [':protocol', 'websocket'],
  ['sec-websocket-version', '13'],
]
const connect = (path: string, stream = 1): Buffer => headers(stream, block(dial(path)), END_HEADERS)

test.each([1000, 20_000])('a message comes whole through a window of %i', async window => {
  const client = await FrameClient.open(gate.https, {
    settings: settingsOf([SETTING.INITIAL_WINDOW_SIZE, window]),
  })
  client.send(windowUpdate(0, 2 ** 30), connect('/large'))
  expect(await client.fate(1)).toBe('200')
  let open = window
  let got = 0
  for (let i = 0; got < MESSAGE.length; i++) {
    const it = (await client.find(({ type, stream }) => type === TYPE.DATA && stream === 1, i))!
    i = client.frames.indexOf(it, i)
    got += it.payload.length
    open -= it.payload.length
    expect(open).toBeGreaterThanOrEqual(0)
    client.send(windowUpdate(1, it.payload.length + 3))
    open += it.payload.length + 3
  }
  const parts = client.frames.filter(({ type, stream }) => type === TYPE.DATA && stream === 1)
  const body = Buffer.concat(parts.map(({ payload }) => payload))
  expect([body.length, body.equals(MESSAGE)]).toEqual([MESSAGE.length, true])
  client.destroy()
})

test('what the client sends comes whole, however it is cut and padded', async () => {
  const client = await FrameClient.open(gate.https)
  const first = upstream.received.length
  client.send(connect('/sink'))
  expect(await client.fate(1)).toBe('200')
  const upload = new Upload(client, 1)
  const masked = Buffer.concat([
    Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, BYTES >> 16, (BYTES >> 8) & 255, BYTES & 255]),
    Buffer.alloc(4),
    PAYLOAD,
  ])
  for (let at = 0, step = 1; at < masked.length; at += step, step = (step * 7) % 9001) {
    const part = masked.subarray(at, at + step)
    if (step % 2 === 0) await upload.frame(data(1, part), part.length)
    else await upload.frame(data(1, padded(part, 50), PADDED), part.length + 51)
  }
  const ended = new Promise<void>(resolve => (closed = resolve))
  client.send(data(1, '', END_STREAM))
  await client.outcome(1)
  client.destroy()
  await ended
  const wire = Buffer.from(upstream.received[first]!, 'latin1')
  const body = wire.subarray(wire.indexOf('\r\n\r\n') + 4)
  expect([body.length, body.equals(masked)]).toEqual([masked.length, true])
})

test("a tunnel that the client resets ends at the backend, and no other stream's", async () => {
  const client = await FrameClient.open(gate.https)
  client.send(connect('/sink'), connect('/sink', 3))
  expect([await client.fate(1), await client.fate(3)]).toEqual(['200', '200'])
  const ended = new Promise<void>(resolve => (closed = resolve))
  client.send(reset(1), data(1, 'late'), data(3, 'x'))
  await ended
  expect(await client.outcome(3)).toBe('nothing')
  client.destroy()
})

test('a fault of the client in its tunnel is answered with a reset, and the connection stays', async () => {
  const client = await FrameClient.open(gate.https)
  client.send(connect('/sink'))
  expect(await client.fate(1)).toBe('200')
  client.send(headers(1, block(pseudo()), END_HEADERS))
  expect(['RST PROTOCOL_ERROR', 'GOAWAY PROTOCOL_ERROR']).toContain(await client.outcome(1))
  client.destroy()
})

test('a CONNECT that has ended, or names what we do not speak, opens no tunnel', async () => {
  const client = await FrameClient.open(gate.https)
  client.request(
    1,
    dial('/sink').map(([name, value]): Field => [name, name === ':protocol' ? 'other' : value]),
    0,
  )
  const answer = await client.answer(1)
  expect(statusOf(answer)).toBe('501')
  client.destroy()
})
