// What a client begins and never ends: it holds a place of the gate's for a while, not for good.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../../support/certificate.ts'
import { startGate, type TestGate } from '../../support/gate.ts'
import { FrameClient, PREFACE } from '../../support/http2/client.ts'
import { END_HEADERS, END_STREAM, headers, settings } from '../../support/http2/frame.ts'
import { block, pseudo } from '../../support/http2/hpack.ts'
import { startUpstream, type TestUpstream } from '../../support/upstream.ts'

let upstream: TestUpstream
let gate: TestGate
let release: () => void = () => {}

beforeAll(async () => {
  upstream = await startUpstream((_request, response) => {
    release = () => response.end('late')
  })
  const yaml = `client: { head: 300ms, keepAlive: 300ms }\nroutes:\n  app.test: 127.0.0.1:${upstream.port}\n`
  gate = await startGate(yaml, [await makeCertificate(['app.test'])])
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

const GET = block(pseudo())

test.each<[string, Buffer]>([
  ['nothing at all', Buffer.alloc(0)],
  ['half a preface', PREFACE.subarray(0, 12)],
  ['a preface and no SETTINGS', PREFACE],
  ['a preface and half of a frame', Buffer.concat([PREFACE, settings().subarray(0, 5)])],
  ['a head that goes on', Buffer.concat([PREFACE, settings(), headers(1, GET, END_STREAM)])],
  ['half of HEADERS', Buffer.concat([PREFACE, settings(), headers(1, GET).subarray(0, 20)])],
  ['no request', Buffer.concat([PREFACE, settings()])],
])('a client that says %s is let go', async (_name, hello) => {
  const client = await FrameClient.open(gate.https, { hello })
  await client.find(() => false)
  expect(client.closed).toBe(true)
})

test('a client that waits for its answer is not', async () => {
  const client = await FrameClient.open(gate.https)
  const idle = await FrameClient.open(gate.https)
  client.request(1, pseudo())
  // Begun with it, and gone for its silence: as long the other has waited.
  await idle.find(() => false)
  expect(client.closed).toBe(false)
  release()
  expect(await client.answer(1)).toMatchObject({ body: 'late', ended: true })
})

test('a body that is announced and does not come lets others of the connection be answered', async () => {
  const client = await FrameClient.open(gate.https)
  client.send(headers(1, block(pseudo({ ':method': 'POST' })), END_HEADERS))
  client.request(3, pseudo({ ':path': '/nothing-here', ':authority': 'other.test' }))
  expect(await client.fate(3)).toBe('404')
  client.destroy()
})
