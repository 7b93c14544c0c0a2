// What HTTP/2 lets a client do without end: each ends its own connection, and the gate answers the others.
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { FrameClient } from '../support/http2/client.ts'
import {
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  headers,
  PADDED,
  padded,
  ping,
  priority,
  reset,
  TYPE,
  u32,
  windowUpdate,
} from '../support/http2/frame.ts'
import { block, literal, pseudo } from '../support/http2/hpack.ts'
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

interface Attack {
  row: string
  what: string
  /** Sent first. */
  before?: Buffer
  /** So many are let pass. */
  most: number
  make: (i: number) => Buffer
}

const CALM = 'GOAWAY ENHANCE_YOUR_CALM'
const open = (path = '/mute'): Buffer => frame(TYPE.HEADERS, END_HEADERS, 1, post(path))
const post = (path: string): Buffer => block(pseudo({ ':method': 'POST', ':path': path }))
/** A request for which the gate must reset its stream (CVE-2025-8671), each in another way. */
const faulty = (i: number, ...after: Buffer[]): Buffer => request(i, ...after)
const id = (i: number): number => 2 * i + 1
const malformed = block([...pseudo(), ['connection', 'close']])

const attacks: Attack[] = [
  { row: '192', what: 'rapid resets', most: 200, make: i => request(i, reset(id(i))) },
  { row: '193', what: 'WINDOW_UPDATE of zero', most: 99, make: i => faulty(i, windowUpdate(id(i), 0)) },
  {
    row: '193',
    what: 'WINDOW_UPDATE over 2^31 − 1',
    most: 99,
    make: i => faulty(i, windowUpdate(id(i), 2 ** 31 - 1)),
  },
  { row: '193', what: 'DATA behind the end', most: 99, make: i => faulty(i, data(id(i), 'x')) },
  {
    row: '193',
    what: 'PRIORITY of 4 octets',
    most: 99,
    make: i => faulty(i, frame(TYPE.PRIORITY, 0, id(i), u32(0))),
  },
  { row: '193', what: 'HEADERS behind the end', most: 99, make: i => faulty(i, headers(id(i), head())) },
  { row: '193', what: 'malformed requests', most: 99, make: i => headers(id(i), malformed) },
  { row: '197', what: 'PING', most: 100, make: () => ping() },
  { row: '198', what: 'SETTINGS', most: 99, make: () => frame(TYPE.SETTINGS, 0, 0) },
  { row: '199', what: 'empty DATA', before: open(), most: 100, make: () => data(1) },
  {
    row: '199',
    what: 'DATA of padding alone',
    before: open(),
    most: 100,
    make: () => data(1, padded('', 1), PADDED),
  },
  { row: '200', what: 'PRIORITY on idle streams', most: 1000, make: i => priority(id(i), 0) },
  { row: '200', what: 'PRIORITY on an open stream', before: open(), most: 1000, make: () => priority(1, 0) },
  {
    row: '203',
    what: 'frames of unknown kind',
    most: 1000,
    make: () => frame(0x42, 0, 0, Buffer.from('hello')),
  },
  {
    row: '203',
    what: 'empty frames of unknown kind',
    before: open(),
    most: 1000,
    make: () => frame(0xee, 0, 1),
  },
]

test.each(attacks)('$row $what: $most pass, a flood ends the connection, on record', async attack => {
  const { before = Buffer.alloc(0), most, make } = attack
  const modest = await FrameClient.open(gate.https)
  modest.send(before, ...Array.from({ length: most }, (_, i) => make(i)))
  expect(await modest.anyFaultOfConnection()).toBe('nothing')
  modest.destroy()
  const records = (await gate.records(0)).length
  gate.recorder.rejects.http.take()
  const client = await FrameClient.open(gate.https)
  client.send(before)
  await flood(client, 20_000, make)
  expect(await client.ending()).toBe(CALM)
  await client.find(() => false)
  const told = (await gate.records(records + 1)).slice(records).filter(({ route }) => route === '_rejected')
  expect(told.at(-1)).toMatchObject({ error: 'malformed_request', protocol: '2' })
  const counts = gate.recorder.rejects.http.take()?.counts ?? []
  expect(counts.map(([reason]) => reason)).toContain(told.at(-1)!.errorText)
  await othersAreServed()
})

test('192 rapid resets: no more than those that pass reach a backend', async () => {
  const before = upstream.hits
  const client = await FrameClient.open(gate.https)
  await flood(client, 20_000, i => request(i, reset(id(i))))
  expect(await client.ending()).toBe(CALM)
  expect(upstream.hits - before).toBeLessThanOrEqual(201)
})

test('197 a client that measures the line by one PING behind what it was sent makes no flood', async () => {
  const client = await FrameClient.open(gate.https)
  for (let i = 0; i < 300; i++) {
    const at = client.frames.length
    client.request(2 * i + 1, pseudo())
    expect(await client.find(it => it.type === TYPE.DATA, at)).toBeDefined()
    client.send(ping())
  }
  expect(await client.anyFaultOfConnection()).toBe('nothing')
  client.destroy()
})

test('197 PING: no more are answered than pass', async () => {
  const client = await FrameClient.open(gate.https)
  await flood(client, 20_000, () => ping())
  expect(await client.ending()).toBe(CALM)
  expect(client.frames.filter(({ type }) => type === TYPE.PING).length).toBeLessThanOrEqual(101)
})

test('195 sixteen CONTINUATIONs are a head, seventeen end the connection', async () => {
  const heads = [16, 17].map(count =>
    Array.from({ length: count }, (_, i) =>
      frame(TYPE.CONTINUATION, i === count - 1 ? END_HEADERS : 0, 1, Buffer.alloc(0)),
    ),
  )
  for (const [i, fate] of ['200', CALM].entries()) {
    const client = await FrameClient.open(gate.https)
    client.send(frame(TYPE.HEADERS, END_STREAM, 1, head()), ...heads[i]!)
    expect(await client.fate(1)).toBe(fate)
    client.destroy()
  }
  await othersAreServed()
})

test.each([
  ['194 a flood of CONTINUATION of many bytes', 16_000],
  ['195 a flood of CONTINUATION of none', 0],
])('%s ends the connection before it has cost much', async (_name, bytes) => {
  const client = await FrameClient.open(gate.https)
  const part = bytes === 0 ? Buffer.alloc(0) : block([['x-a', 'a'.repeat(bytes)]])
  client.send(frame(TYPE.HEADERS, END_STREAM, 1, head()))
  await flood(client, 2000, () => frame(TYPE.CONTINUATION, 0, 1, part))
  expect(await client.ending()).toBe(CALM)
  await othersAreServed()
})

test('196 a head that HPACK blows up is not read whole, twenty times over', async () => {
  const client = await FrameClient.open(gate.https)
  // One field of 3,900 bytes into the dynamic table, then twelve thousand references of a byte each.
  const large = literal('remembered', 'x-b', 'b'.repeat(3900))
  const bomb = Buffer.concat([head(), large, Buffer.alloc(12_000, 0xbe)])
  await flood(client, 20, i => headers(id(i), bomb))
  expect([CALM, '431']).toContain(await client.fate(1))
  client.destroy()
  await othersAreServed()
})

test('202 a head over client.maxHead is refused, and one of 300 KB is not even taken', async () => {
  const client = await FrameClient.open(gate.https)
  const part = block([['x-a', 'a'.repeat(8000)]])
  client.send(frame(TYPE.HEADERS, END_STREAM, 1, head()))
  for (const flags of [0, 0, END_HEADERS]) client.send(frame(TYPE.CONTINUATION, flags, 1, part))
  expect([CALM, '431']).toContain(await client.fate(1))
  client.destroy()
  const large = await FrameClient.open(gate.https)
  large.send(frame(TYPE.HEADERS, END_STREAM, 1, head()))
  for (let i = 0; i < 15; i++)
    large.send(frame(TYPE.CONTINUATION, 0, 1, block([['x-a', 'a'.repeat(16_000)]])))
  expect(await large.ending()).toBe(CALM)
  await othersAreServed()
})

test('201 of a thousand streams at once a hundred are taken, the others refused', async () => {
  const before = upstream.hits
  gate.recorder.rejects.http.take()
  const client = await FrameClient.open(gate.https)
  for (let i = 0; i < 150; i++) client.send(frame(TYPE.HEADERS, END_HEADERS, id(i), post('/mute')))
  expect([await client.fate(id(100)), await client.fate(id(149))]).toEqual([
    'RST REFUSED_STREAM',
    'RST REFUSED_STREAM',
  ])
  const counts = new Map(gate.recorder.rejects.http.take()?.counts)
  expect(counts.get('too_many_streams')).toBe(50)
  // Who goes on all the same is sent away.
  await flood(client, 850, i => frame(TYPE.HEADERS, END_HEADERS, id(150 + i), post('/mute')))
  expect(await client.ending()).toBe(CALM)
  expect(upstream.hits - before).toBeLessThanOrEqual(100)
  await othersAreServed()
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
    const client = await FrameClient.open(own.https, { settings: Buffer.from([0, 4, 0, 0, 0, 0]) })
    client.request(1, pseudo({ ':path': '/large' }))
    client.request(3, pseudo())
    expect([await client.fate(1), await client.fate(3)]).toEqual(['200', '200'])
    await othersAreServed()
    ahead = 31_000
    vi.advanceTimersByTime(1000)
    const reset = (stream: number) => client.find(it => it.type === TYPE.RST_STREAM && it.stream === stream)
    expect([(await reset(1))?.payload, (await reset(3))?.payload]).toEqual([u32(8), u32(8)])
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
  const goaway = await client.find(it => it.type === TYPE.GOAWAY && it.payload.readUInt32BE(0) === 1)
  expect(goaway?.payload.readUInt32BE(4)).toBe(0)
  // It is told now: what it asks for all the same goes nowhere, and hurts nobody.
  const hits = upstream.hits
  client.request(3, pseudo())
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
  expect(upstream.hits).toBe(hits)
  await own.close()
})
