// What HTTP/2 lets a client do without end: each ends its own connection, and the gate answers the others.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { block, END_HEADERS, END_STREAM, FrameClient, frame, pseudo, TYPE } from '../support/http2-frames.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let gate: TestGate

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    request.resume()
    if (request.url === '/mute') return
    response.end(request.url === '/large' ? Buffer.alloc(1024 * 1024) : 'ok')
  })
  gate = await startGate(`routes:\n  app.test: 127.0.0.1:${upstream.port}\n`, [
    await makeCertificate(['app.test']),
  ])
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

/** Another client is answered all the same. */
async function othersAreServed(): Promise<void> {
  const client = await FrameClient.open(gate.https)
  client.request(1, pseudo())
  expect(await client.fate(1)).toBe('200')
  client.destroy()
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const CANCEL = u32(8)
const head = (path = '/'): Buffer => block(pseudo({ ':path': path }))
/** Some frames of a flood at a time, so that the end of the connection is noticed. */
async function flood(client: FrameClient, count: number, make: (i: number) => Buffer): Promise<void> {
  for (let i = 0; i < count && !client.closed; i += 100) {
    const batch = Array.from({ length: Math.min(100, count - i) }, (_, k) => make(i + k))
    client.send(Buffer.concat(batch))
    await new Promise(resolve => setImmediate(resolve))
  }
}

const request = (i: number, ...after: Buffer[]): Buffer =>
  Buffer.concat([frame(TYPE.HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, head('/mute')), ...after])

// The flood, and how its connection ends. GOAWAY INTERNAL_ERROR and a bare close are node:http2's own answers.
test.each<[string, number, (i: number) => Buffer, RegExp]>([
  ['rapid resets', 2000, i => request(i, frame(TYPE.RST_STREAM, 0, 2 * i + 1, CANCEL)), /^GOAWAY|^closed/],
  [
    'faults that make the server reset (WINDOW_UPDATE of zero)',
    2000,
    i => request(i, frame(TYPE.WINDOW_UPDATE, 0, 2 * i + 1, u32(0))),
    /^GOAWAY|^closed/,
  ],
  ['PING', 20_000, () => frame(TYPE.PING, 0, 0, Buffer.alloc(8)), /^GOAWAY ENHANCE_YOUR_CALM$|^closed$/],
  ['SETTINGS', 20_000, () => frame(TYPE.SETTINGS, 0, 0), /^GOAWAY ENHANCE_YOUR_CALM$|^closed$/],
  [
    'PRIORITY',
    20_000,
    () => frame(TYPE.PRIORITY, 0, 1, Buffer.alloc(5, 1)),
    /^GOAWAY ENHANCE_YOUR_CALM$|^closed$/,
  ],
])('a flood of %s ends the connection', async (_name, count, make, ending) => {
  const client = await FrameClient.open(gate.https)
  await flood(client, count, make)
  expect(await client.ending()).toMatch(ending)
  client.destroy()
  await othersAreServed()
})

test('a flood of empty DATA ends the connection', async () => {
  const client = await FrameClient.open(gate.https)
  client.request(1, pseudo({ ':method': 'POST' }), 0)
  await flood(client, 20_000, () => frame(TYPE.DATA, 0, 1))
  expect(await client.ending()).toMatch(/^GOAWAY|^closed/)
  await othersAreServed()
})

test.each([
  ['of many bytes', 16_000, 2000],
  ['of none', 0, 2000],
])('a flood of CONTINUATION %s ends the connection', async (_name, bytes, count) => {
  const client = await FrameClient.open(gate.https)
  const field = block([['x-a', 'a'.repeat(bytes)]])
  client.send(frame(TYPE.HEADERS, END_STREAM, 1, head()))
  await flood(client, count, () => frame(TYPE.CONTINUATION, 0, 1, bytes === 0 ? Buffer.alloc(0) : field))
  expect(await client.ending()).toMatch(/^GOAWAY|^closed/)
  await othersAreServed()
})

test('a head over client.maxHead, and one that HPACK blows up, are not read whole', async () => {
  const client = await FrameClient.open(gate.https)
  const half = block([['x-a', 'a'.repeat(8000)]])
  client.send(frame(TYPE.HEADERS, END_STREAM, 1, head()))
  for (const flags of [0, 0, END_HEADERS]) client.send(frame(TYPE.CONTINUATION, flags, 1, half))
  expect(await client.fate(1)).toMatch(/^(RST|GOAWAY) ENHANCE_YOUR_CALM$|^431$/)
  client.destroy()
  const bomb = await FrameClient.open(gate.https)
  // One field of 4,000 bytes into the dynamic table, then ten thousand references of a byte each.
  const large = Buffer.concat([
    Buffer.from([0x40, 3]),
    Buffer.from('x-b'),
    block([['', 'b'.repeat(3900)]]).subarray(2),
  ])
  const fields = Buffer.concat([head(), large, Buffer.alloc(10_000, 0xbe)])
  bomb.send(frame(TYPE.HEADERS, END_STREAM | END_HEADERS, 1, fields))
  expect(await bomb.fate(1)).toMatch(/^(RST|GOAWAY) |^431$|^closed/)
  bomb.destroy()
  await othersAreServed()
})

test('no more than a hundred streams at once: one more is a fault of the connection', async () => {
  const client = await FrameClient.open(gate.https)
  // The limit holds once the client has confirmed it (RFC 9113 section 6.5.3): the first answer says so.
  client.request(1, pseudo())
  expect(await client.fate(1)).toBe('200')
  for (let i = 1; i <= 101; i++) client.request(2 * i + 1, pseudo({ ':path': '/mute' }))
  expect(await client.fate(2 * 101 + 1)).toBe('GOAWAY PROTOCOL_ERROR')
  client.destroy()
})

test('a hundred malformed requests on one connection end it', async () => {
  const client = await FrameClient.open(gate.https)
  await flood(client, 300, i =>
    frame(TYPE.HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, block([...pseudo(), ['connection', 'close']])),
  )
  expect(await client.ending()).toMatch(/^GOAWAY|^closed/)
  await othersAreServed()
})

test('frames of unknown kind are ignored', async () => {
  const client = await FrameClient.open(gate.https)
  await flood(client, 900, () => frame(0x42, 0, 0, Buffer.from('hello')))
  client.request(1, pseudo())
  expect(await client.fate(1)).toBe('200')
  client.destroy()
})

test('a client that opens no window is given up on after 30 s, having held little', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const now = performance.now.bind(performance)
  let ahead = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + ahead)
  try {
    const own = await startGate(`routes:\n  app.test: 127.0.0.1:${upstream.port}\n`, [
      await makeCertificate(['app.test']),
    ])
    // SETTINGS_INITIAL_WINDOW_SIZE 0.
    const client = await FrameClient.open(own.https, Buffer.from([0, 4, 0, 0, 0, 0]))
    client.request(1, pseudo({ ':path': '/large' }))
    client.request(3, pseudo())
    expect([await client.fate(1), await client.fate(3)]).toEqual(['200', '200'])
    await othersAreServed()
    ahead = 31_000
    vi.advanceTimersByTime(1000)
    const reset = (stream: number) => client.find(it => it.type === TYPE.RST_STREAM && it.stream === stream)
    expect([(await reset(1))?.payload, (await reset(3))?.payload]).toEqual([CANCEL, CANCEL])
    const records = await own.records(2)
    expect(records.every(record => record.aborted && record.outBytes <= 128 * 1024)).toBe(true)
    client.destroy()
    await own.close()
  } finally {
    clock.mockRestore()
    vi.useRealTimers()
  }
})

test('GOAWAY on shutdown names the last stream that is served, and that one is', async () => {
  const own = await startGate(`routes:\n  app.test: 127.0.0.1:${upstream.port}\n`, [
    await makeCertificate(['app.test']),
  ])
  const client = await FrameClient.open(own.https)
  client.request(1, pseudo({ ':path': '/large' }))
  expect(await client.fate(1)).toBe('200')
  const drained = own.drain(5000)
  const goaway = await client.find(it => it.type === TYPE.GOAWAY)
  expect([goaway?.payload.readUInt32BE(0), goaway?.payload.readUInt32BE(4)]).toEqual([1, 0])
  // The window of the stream and of the connection: the large reply goes on and comes to its end.
  const window = Buffer.concat([
    frame(TYPE.WINDOW_UPDATE, 0, 0, u32(2 ** 21)),
    frame(TYPE.WINDOW_UPDATE, 0, 1, u32(2 ** 21)),
  ])
  client.send(window)
  const last = await client.find(it => it.type === TYPE.DATA && (it.flags & END_STREAM) !== 0)
  expect(last?.stream).toBe(1)
  await drained
  expect((await own.records(1))[0]).toMatchObject({ status: 200, aborted: false, outBytes: 1024 * 1024 })
  await own.close()
})
