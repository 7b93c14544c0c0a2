// Room that a client used up comes back, whatever became of its streams; else a connection dries up after a while of errors.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../../support/certificate.ts'
import { startGate, type TestGate } from '../../support/gate.ts'
import { FrameClient } from '../../support/http2/client.ts'
import {
  data,
  END_HEADERS,
  headers,
  PADDED,
  padded,
  reset,
  TYPE,
  windowUpdate,
} from '../../support/http2/frame.ts'
import { block, type Field, literal, pseudo } from '../../support/http2/hpack.ts'
import { Upload } from '../../support/http2/upload.ts'
import { startRawUpstream, type TestUpstream } from '../../support/upstream.ts'

let upstream: TestUpstream
let gate: TestGate

beforeAll(async () => {
  upstream = await startRawUpstream((socket, received) => {
    // Nothing of a body is ever read.
    if (!received.includes('\r\n\r\n')) return
    if (/\/(early|probe) /.test(received))
      socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 6\r\n\r\nenough')
    if (received.includes('/gone')) socket.destroy()
    if (!received.includes('/probe')) socket.pause()
  })
  gate = await startGate(`routes:\n  app.test: 127.0.0.1:${upstream.port}\n`, [
    await makeCertificate(['app.test']),
  ])
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

const post = (path: string, ...more: Field[]): Buffer =>
  block([...pseudo({ ':method': 'POST', ':path': path }), ...more])
const PART = 16_384
const STREAMS = 40

/** How each stream ends, after some of its body. */
const ways: [what: string, path: string, end: (stream: number) => Buffer[]][] = [
  ['the client resets', '/mute', stream => [reset(stream)]],
  ['the gate resets for a fault', '/mute', stream => [windowUpdate(stream, 0)]],
  ['break their trailers', '/mute', stream => [headers(stream, block([[':path', '/']]))]],
  ['are answered early', '/early', () => []],
  ['lose their upstream', '/gone', () => []],
  ['no route wants', '/no-route', () => []],
]

test.each(ways)("the connection's window comes back from streams that %s", async (_what, path, end) => {
  const client = await FrameClient.open(gate.https)
  const upload = new Upload(client, 0)
  for (let i = 0; i < STREAMS; i++) {
    const stream = 2 * i + 1
    const authority: Field[] = path === '/no-route' ? [[':authority', 'other.test']] : []
    const head =
      authority.length > 0
        ? block([...pseudo({ ':method': 'POST', ':authority': 'other.test' })])
        : post(path)
    client.send(headers(stream, head, END_HEADERS))
    // Six times what the connection may hold, all streams together.
    for (let k = 0; k < 9; k++) await upload.frame(data(stream, Buffer.alloc(PART)), PART)
    client.send(...end(stream))
  }
  expect(upload.sent).toBe(STREAMS * 9 * PART)
  expect(await client.outcome(0)).toMatch(/^(nothing|probe: .*)$/)
  client.destroy()
})

test('after its last GOAWAY the gate ignores whole streams, bodies and all, and those of before go on', async () => {
  const own = await startGate(`routes:\n  app.test: 127.0.0.1:${upstream.port}\n`, [
    await makeCertificate(['app.test']),
  ])
  const client = await FrameClient.open(own.https)
  client.send(headers(1, post('/mute'), END_HEADERS))
  client.request(3, pseudo({ ':authority': 'other.test' }))
  expect(await client.fate(3)).toBe('404')
  const drained = own.drain(5000)
  await client.find(({ type, payload }) => type === TYPE.GOAWAY && payload.readUInt32BE(0) === 3)
  client.send(
    headers(5, Buffer.concat([post('/late'), literal('remembered', 'x-a', '1')]), END_HEADERS),
    data(5, 'body'),
    data(5, padded('body', 9), PADDED),
    windowUpdate(5, 100),
    headers(5, block([['x-sum', '1']])),
    reset(5),
    headers(7, post('/late'), END_HEADERS),
    reset(7),
  )
  // It still reads what comes on the stream that it took.
  client.send(reset(1))
  await drained
  await client.find(() => false)
  const faults = client.frames.filter(
    ({ type, payload }) => type === TYPE.GOAWAY && payload.readUInt32BE(4) !== 0,
  )
  expect(faults).toEqual([])
  await own.close()
})
