// A stream's life: without these a late frame of one request could end all others (RFC 9113 section 5.1).
import { expect, test } from 'vitest'
import { statusOf } from '../../support/http2/client.ts'
import { type FrameCase, GET, MUTE, openBench, POST, testFrameCases } from '../../support/http2/examiner.ts'
import {
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  headers,
  priority,
  reset,
  SETTING,
  TYPE,
  windowUpdate,
} from '../../support/http2/frame.ts'
import { block, indexed, literal, pseudo } from '../../support/http2/hpack.ts'

const bench = openBench()
const PROTOCOL = ['GOAWAY PROTOCOL_ERROR']
const FINE = ['nothing']
/** Half-closed (remote): a stream error; section 5.4.1 lets any be the connection's. */
const CLOSED = ['RST STREAM_CLOSED', 'GOAWAY STREAM_CLOSED']
/** Closed: the RFC permits to ignore, and the connection error that RFC 7540 demanded. */
const OVER = [...CLOSED, 'nothing']
const HEAD_OVER = [...OVER, ...PROTOCOL]
const CONTINUED = ['GOAWAY PROTOCOL_ERROR', 'GOAWAY STREAM_CLOSED']

const open = headers(1, MUTE, END_HEADERS)
const half = headers(1, MUTE)
const whole = [headers(1, GET)]
const trailers = headers(1, block([['x-sum', '1']]))

const idle: FrameCase[] = [
  {
    rule: '5.1',
    what: 'idle: DATA',
    sends: [data(1, 'a', END_STREAM)],
    permits: [...PROTOCOL, 'GOAWAY STREAM_CLOSED'],
  },
  { rule: '5.1', what: 'idle: RST_STREAM', sends: [reset(1)], permits: PROTOCOL },
  { rule: '5.1', what: 'idle: WINDOW_UPDATE', sends: [windowUpdate(1, 100)], permits: PROTOCOL },
  { rule: '5.1', what: 'idle: CONTINUATION', sends: [continuation(1, GET)], permits: PROTOCOL },
  { rule: '5.1', what: 'idle: PRIORITY', sends: [priority(1, 0, 255)], permits: FINE },
  {
    rule: '5.1',
    what: 'idle: PRIORITY, then HEADERS of a lower stream',
    sends: [priority(5, 0), headers(3, MUTE)],
    stream: 3,
    permits: FINE,
  },
  { rule: '5.1', what: "a server's idle stream: RST_STREAM", sends: [reset(2)], permits: PROTOCOL },
  {
    rule: '5.1',
    what: "a server's idle stream: WINDOW_UPDATE",
    sends: [windowUpdate(2, 1)],
    permits: PROTOCOL,
  },
  {
    rule: '5.1',
    what: "a server's idle stream: DATA",
    sends: [data(2, 'a')],
    permits: [...PROTOCOL, 'GOAWAY STREAM_CLOSED'],
  },
]
const halfClosed: FrameCase[] = [
  { rule: '5.1', what: 'half-closed: DATA', sends: [half, data(1, 'test', END_STREAM)], permits: CLOSED },
  { rule: '6.1', what: 'half-closed: empty DATA', sends: [half, data(1)], permits: CLOSED },
  { rule: '5.1', what: 'half-closed: HEADERS', sends: [half, headers(1, GET)], permits: CLOSED },
  {
    rule: '5.1',
    what: 'half-closed: CONTINUATION',
    sends: [half, continuation(1, GET)],
    permits: [...CONTINUED, ...CLOSED],
  },
  {
    rule: '5.1',
    what: 'half-closed: HEADERS after trailers',
    sends: [headers(1, MUTE, END_HEADERS), trailers, trailers],
    permits: CLOSED,
  },
  { rule: '5.1', what: 'half-closed: WINDOW_UPDATE', sends: [half, windowUpdate(1, 1)], permits: FINE },
  { rule: '5.1', what: 'half-closed: PRIORITY', sends: [half, priority(1, 0)], permits: FINE },
  { rule: '5.1', what: 'half-closed: RST_STREAM', sends: [half, reset(1)], permits: FINE },
]
const closed: FrameCase[] = [
  {
    rule: '5.1',
    what: 'reset by the client: DATA',
    sends: [open, reset(1), data(1, 'test', END_STREAM)],
    permits: OVER,
  },
  {
    rule: '5.1',
    what: 'reset by the client: HEADERS',
    sends: [open, reset(1), headers(1, GET)],
    permits: HEAD_OVER,
  },
  {
    rule: '5.1',
    what: 'reset by the client: CONTINUATION',
    sends: [open, reset(1), continuation(1, GET)],
    permits: CONTINUED,
  },
  {
    rule: '5.1',
    what: 'reset by the client: PRIORITY',
    sends: [open, reset(1), priority(1, 0)],
    permits: FINE,
  },
  { rule: '5.1', what: 'reset by the client: RST_STREAM', sends: [open, reset(1), reset(1)], permits: OVER },
  {
    rule: '5.1',
    what: 'reset by the client: WINDOW_UPDATE',
    sends: [open, reset(1), windowUpdate(1, 1)],
    permits: OVER,
  },
  { rule: '5.1', what: 'ended: DATA', before: whole, sends: [data(1, 'test', END_STREAM)], permits: OVER },
  { rule: '5.1', what: 'ended: HEADERS', before: whole, sends: whole, permits: HEAD_OVER },
  {
    rule: '5.1',
    what: 'ended: CONTINUATION',
    before: whole,
    sends: [continuation(1, GET)],
    permits: CONTINUED,
  },
  { rule: '5.1', what: 'ended: WINDOW_UPDATE', before: whole, sends: [windowUpdate(1, 1000)], permits: FINE },
  { rule: '5.1', what: 'ended: RST_STREAM', before: whole, sends: [reset(1)], permits: FINE },
  { rule: '5.1', what: 'ended: PRIORITY', before: whole, sends: [priority(1, 0)], permits: FINE },
]
const numbers: FrameCase[] = [
  {
    rule: '5.1.1',
    what: 'HEADERS on an even stream',
    sends: [headers(2, GET)],
    stream: 2,
    permits: PROTOCOL,
  },
  {
    rule: '5.1.1',
    what: 'a stream below the last',
    sends: [headers(5, MUTE), headers(3, GET)],
    stream: 3,
    permits: [...PROTOCOL, 'GOAWAY STREAM_CLOSED'],
  },
  {
    rule: '5.1.1',
    what: 'DATA on a stream that was passed over',
    sends: [headers(5, MUTE), data(3, 'a')],
    stream: 3,
    permits: [...OVER, ...PROTOCOL],
  },
  {
    rule: '5.1.1',
    what: 'streams far apart',
    sends: [headers(101, MUTE), headers(9999, MUTE)],
    stream: 101,
    permits: FINE,
  },
]
testFrameCases(bench, [...idle, ...halfClosed, ...closed, ...numbers])

test('5.1: HEADERS on a stream that is over reach no backend', async () => {
  const before = bench.upstream.hits
  for (const sends of [
    [headers(1, GET), headers(1, GET)],
    [headers(1, MUTE), reset(1), headers(1, GET)],
  ]) {
    const client = await bench.open()
    client.send(sends[0]!)
    if (sends.length === 2) await client.answer(1)
    client.send(...sends.slice(1))
    await client.outcome(1)
    client.destroy()
  }
  const probes = 2
  expect(bench.upstream.hits - before).toBeLessThanOrEqual(2 + probes)
})

/** What the gate itself resets: a length that the body breaks. */
const malformed = block([...pseudo({ ':method': 'POST' }), ['content-length', 'x']])

test.each<[string, Buffer[]]>([
  ['DATA', [data(1, 'late'), data(1, 'later', END_STREAM)]],
  ['trailers', [trailers]],
  [
    'trailers in two frames',
    [headers(1, block([['x-sum', '1']]), END_STREAM), continuation(1, Buffer.alloc(0))],
  ],
  ['WINDOW_UPDATE', [windowUpdate(1, 1), windowUpdate(1, 1000)]],
  ['RST_STREAM', [reset(1)]],
  ['PRIORITY', [priority(1, 0)]],
])('5.1: %s under way while the gate resets the stream end nothing', async (_name, late) => {
  const client = await bench.open()
  client.send(headers(1, malformed, END_HEADERS), ...late)
  expect(await client.fate(1)).toBe('RST PROTOCOL_ERROR')
  client.send(...(late[0]![3] === TYPE.DATA ? [data(1, 'very late')] : [windowUpdate(1, 5)]))
  client.request(3, pseudo())
  expect(await client.fate(3)).toBe('200')
  expect(client.frames.filter(it => it.type === TYPE.GOAWAY)).toEqual([])
  client.destroy()
})

test('4.3: heads on a stream that the gate has reset still change the table of both', async () => {
  const client = await bench.open()
  // The trailers of a stream that is over remember a field; the next request names it by its index.
  client.send(
    headers(1, malformed, END_HEADERS),
    headers(1, literal('remembered', 'x-kept', 'from trailers')),
    headers(3, Buffer.concat([block(pseudo({ ':path': '/echo' })), indexed(62)])),
  )
  expect(await client.fate(1)).toBe('RST PROTOCOL_ERROR')
  expect((await client.answer(3)).body).toContain('"x-kept","from trailers"')
  client.destroy()
})

test('5.1.2: a stream over SETTINGS_MAX_CONCURRENT_STREAMS is refused alone, and may come again', async () => {
  const client = await bench.open()
  client.request(1, pseudo())
  expect(await client.fate(1)).toBe('200')
  const most = client.limits.get(SETTING.MAX_CONCURRENT_STREAMS)!
  expect(most).toBe(100)
  const before = bench.upstream.hits
  for (let i = 1; i <= most; i++) client.send(headers(2 * i + 1, MUTE))
  // Its head is read all the same: the table of both stays the same (section 4.3).
  const over = 2 * most + 3
  client.send(headers(over, Buffer.concat([POST, literal('remembered', 'x-kept', 'refused')])))
  expect(await client.fate(over)).toBe('RST REFUSED_STREAM')
  client.send(reset(3))
  client.send(headers(over + 2, Buffer.concat([block(pseudo({ ':path': '/echo' })), indexed(62)])))
  const again = await client.answer(over + 2)
  expect([statusOf(again), again.body]).toEqual(['200', expect.stringContaining('"x-kept","refused"')])
  expect(bench.upstream.hits - before).toBeLessThanOrEqual(most + 1)
  expect(client.frames.some(it => it.type === TYPE.GOAWAY)).toBe(false)
  client.destroy()
})

test('5.1.2: streams that have ended leave room for others', async () => {
  const client = await bench.open()
  for (let i = 0; i < 250; i++) {
    client.request(2 * i + 1, pseudo({ ':path': '/five' }))
    expect(await client.fate(2 * i + 1)).toBe('200')
  }
  client.destroy()
})

test("6.4: the client's reset ends the request at the backend, and is on record", async () => {
  const before = (await bench.gate.records(0)).length
  const client = await bench.open()
  client.send(headers(1, MUTE), reset(1, 0xfe))
  expect(await client.outcome(1)).toBe('nothing')
  const records = (await bench.gate.records(before + 2)).slice(before)
  expect(records.find(({ path }) => path === '/mute')).toMatchObject({ aborted: true })
  client.destroy()
})

test('5.1: an answer that the client resets in the middle stops, and the others go on', async () => {
  const before = (await bench.gate.records(0)).length
  const client = await bench.open()
  client.request(1, pseudo({ ':path': '/large' }))
  await client.find(it => it.type === TYPE.DATA && it.stream === 1)
  client.send(reset(1), windowUpdate(0, 2 ** 30))
  expect(await client.outcome(1)).toBe('nothing')
  const from = client.frames.length
  expect(await client.outcome(1)).toBe('nothing')
  expect(client.frames.slice(from).filter(({ stream }) => stream === 1)).toEqual([])
  const records = (await bench.gate.records(before + 3)).slice(before)
  expect(records.find(({ path }) => path === '/large')).toMatchObject({ aborted: true })
  client.destroy()
})
