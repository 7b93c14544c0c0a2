// A connection's beginning, its settings and its end: without these no client could trust what it was told.
import { expect, test } from 'vitest'
import { FrameClient, PREFACE } from '../../support/http2/client.ts'
import { GET, MUTE, openBench, testFrameCases } from '../../support/http2/examiner.ts'
import {
  ACK,
  CODES,
  END_HEADERS,
  frame,
  goaway,
  headers,
  ping,
  reset,
  SETTING,
  settings,
  settingsOf,
  TYPE,
  u32,
} from '../../support/http2/frame.ts'
import { pseudo } from '../../support/http2/hpack.ts'

const bench = openBench('client: { keepAlive: 20s }\n')
const PROTOCOL = ['GOAWAY PROTOCOL_ERROR']
const SIZE = ['GOAWAY FRAME_SIZE_ERROR']
const FLOW = ['GOAWAY FLOW_CONTROL_ERROR']
const FINE = ['nothing']

async function say(...hello: Buffer[]): Promise<FrameClient> {
  return FrameClient.open(bench.gate.https, { hello: Buffer.concat(hello) })
}

test('3.4: the first frame of the gate is SETTINGS, with its limits', async () => {
  const client = await bench.open()
  const first = await client.find(() => true)
  expect([first?.type, first?.stream, first!.flags & ACK]).toEqual([TYPE.SETTINGS, 0, 0])
  expect(client.limits.get(SETTING.MAX_CONCURRENT_STREAMS)).toBe(100)
  expect(client.limits.get(SETTING.ENABLE_CONNECT_PROTOCOL)).toBe(1)
  expect(client.limits.get(SETTING.ENABLE_PUSH) ?? 0).toBe(0)
  client.destroy()
})

test('3.4: the gate speaks before the client has said a word', async () => {
  const client = await say()
  expect((await client.find(() => true))?.type).toBe(TYPE.SETTINGS)
  client.destroy()
})

test('3.4: a preface, settings and a request that come byte by byte are read', async () => {
  const client = await say()
  const bytes = Buffer.concat([PREFACE, settings(), headers(1, GET)])
  for (const byte of bytes) client.send(Buffer.from([byte]))
  expect(await client.fate(1)).toBe('200')
  client.destroy()
})

test.each([
  ['that is none', Buffer.from('INVALID CONNECTION PREFACE\r\n\r\n')],
  ['with one wrong octet', Buffer.concat([PREFACE.subarray(0, 23), Buffer.from('X'), settings()])],
  ['that is a request of HTTP/1.1', Buffer.from('GET / HTTP/1.1\r\nHost: app.test\r\n\r\n')],
  ['without SETTINGS after it', Buffer.concat([PREFACE, headers(1, GET)])],
  ['with PING in place of SETTINGS', Buffer.concat([PREFACE, ping()])],
])('3.4: a preface %s ends the connection', async (_name, hello) => {
  const client = await say(hello)
  expect(['GOAWAY PROTOCOL_ERROR', 'closed']).toContain(await client.ending())
  await client.find(() => false)
  expect(client.closed).toBe(true)
})

test('3.4: a connection that ends inside the preface is let go', async () => {
  const client = await say(PREFACE.subarray(0, 10))
  client.socket.end()
  await client.find(() => false)
  expect(client.closed).toBe(true)
})

const value = (id: number, it: number): Buffer[] => [settings([id, it])]
testFrameCases(bench, [
  {
    rule: '6.5',
    what: 'SETTINGS with ACK and a payload',
    sends: [frame(TYPE.SETTINGS, ACK, 0, settingsOf([1, 1]))],
    permits: SIZE,
  },
  { rule: '6.5', what: 'SETTINGS on a stream', sends: [frame(TYPE.SETTINGS, 0, 1)], permits: PROTOCOL },
  {
    rule: '6.5',
    what: 'SETTINGS of 3 octets',
    sends: [frame(TYPE.SETTINGS, 0, 0, Buffer.alloc(3))],
    permits: SIZE,
  },
  {
    rule: '6.5',
    what: 'SETTINGS of 7 octets',
    sends: [frame(TYPE.SETTINGS, 0, 0, Buffer.alloc(7))],
    permits: SIZE,
  },
  { rule: '6.5.2', what: 'ENABLE_PUSH of 2', sends: value(SETTING.ENABLE_PUSH, 2), permits: PROTOCOL },
  { rule: '6.5.2', what: 'ENABLE_PUSH of 1', sends: value(SETTING.ENABLE_PUSH, 1), permits: FINE },
  {
    rule: '6.5.2',
    what: 'INITIAL_WINDOW_SIZE of 2^31',
    sends: value(SETTING.INITIAL_WINDOW_SIZE, 2 ** 31),
    permits: FLOW,
  },
  {
    rule: '6.5.2',
    what: 'INITIAL_WINDOW_SIZE of 2^31 − 1',
    sends: value(SETTING.INITIAL_WINDOW_SIZE, 2 ** 31 - 1),
    permits: FINE,
  },
  {
    rule: '6.5.2',
    what: 'MAX_FRAME_SIZE of 2^14 − 1',
    sends: value(SETTING.MAX_FRAME_SIZE, 2 ** 14 - 1),
    permits: PROTOCOL,
  },
  {
    rule: '6.5.2',
    what: 'MAX_FRAME_SIZE of 2^14',
    sends: value(SETTING.MAX_FRAME_SIZE, 2 ** 14),
    permits: FINE,
  },
  {
    rule: '6.5.2',
    what: 'MAX_FRAME_SIZE of 2^24',
    sends: value(SETTING.MAX_FRAME_SIZE, 2 ** 24),
    permits: PROTOCOL,
  },
  {
    rule: '6.5.2',
    what: 'MAX_FRAME_SIZE of 2^24 − 1',
    sends: value(SETTING.MAX_FRAME_SIZE, 2 ** 24 - 1),
    permits: FINE,
  },
  {
    rule: '6.5.2',
    what: 'a wrong value after right ones',
    sends: [settings([SETTING.MAX_FRAME_SIZE, 2 ** 14], [SETTING.ENABLE_PUSH, 3])],
    permits: PROTOCOL,
  },
  { rule: '6.5.2', what: 'an unknown setting', sends: value(0xff, 1), permits: FINE },
  {
    rule: '6.5.2',
    what: 'limits of the client that are nothing to us',
    sends: [settings([SETTING.MAX_CONCURRENT_STREAMS, 0], [SETTING.MAX_HEADER_LIST_SIZE, 2 ** 32 - 1])],
    permits: FINE,
  },
  {
    rule: 'RFC 8441 3',
    what: 'ENABLE_CONNECT_PROTOCOL of a client',
    sends: value(SETTING.ENABLE_CONNECT_PROTOCOL, 1),
    permits: FINE,
  },
  {
    rule: 'RFC 9218 7.1',
    what: 'PRIORITY_UPDATE',
    sends: [frame(0x10, 0, 0, Buffer.concat([u32(1), Buffer.from('u=1')]))],
    permits: FINE,
  },
  {
    rule: 'RFC 9218 2.1',
    what: 'NO_RFC7540_PRIORITIES',
    sends: value(9, 1),
    // It came not with the first SETTINGS: a fault to those who know it.
    permits: ['nothing', 'GOAWAY PROTOCOL_ERROR'],
  },
  { rule: '6.7', what: 'an acknowledgement of no PING', sends: [ping('12345678', ACK)], permits: FINE },
  {
    rule: '7',
    what: 'RST_STREAM with an unknown code',
    sends: [headers(1, MUTE), reset(1, 0xff)],
    permits: FINE,
  },
  {
    rule: '5.4.1',
    what: 'a fault while a stream is open',
    sends: [headers(1, MUTE, END_HEADERS), ping('1')],
    permits: SIZE,
  },
])

test('6.5.3: each SETTINGS is acknowledged once, in order with all else', async () => {
  const client = await bench.open()
  for (let i = 0; i < 5; i++) client.send(settings([SETTING.HEADER_TABLE_SIZE, 4096 + i]))
  client.send(ping('afterall'))
  await client.find(({ type, flags }) => type === TYPE.PING && flags === ACK)
  expect(await client.outcome(1)).toBe('nothing')
  const acks = client.frames.filter(({ type, flags }) => type === TYPE.SETTINGS && flags === ACK)
  expect(acks.map(({ payload, stream }) => [payload.length, stream])).toEqual(Array(6).fill([0, 0]))
  client.destroy()
})

test('6.5.3: of a value that comes twice in one frame the last holds', async () => {
  const client = await bench.open(
    settingsOf([SETTING.INITIAL_WINDOW_SIZE, 100], [SETTING.INITIAL_WINDOW_SIZE, 1]),
  )
  client.request(1, pseudo({ ':path': '/five' }))
  const first = await client.find(({ type }) => type === TYPE.DATA)
  expect(first?.payload.toString()).toBe('1')
  client.destroy()
})

test('6.7: PING comes back with its eight octets, and no other frame answers', async () => {
  const client = await bench.open()
  client.send(ping('\0\x01\x02\x03\xff\xfe\xfd\xfc'))
  const answer = await client.find(({ type }) => type === TYPE.PING)
  expect(answer).toMatchObject({ flags: ACK, stream: 0 })
  expect(answer?.payload.toString('latin1')).toBe('\0\x01\x02\x03\xff\xfe\xfd\xfc')
  client.destroy()
})

test('5.4.1: GOAWAY for an error names the last stream that was taken, and the connection closes', async () => {
  const client = await bench.open()
  client.request(1, pseudo())
  expect(await client.fate(1)).toBe('200')
  client.request(5, pseudo())
  await client.answer(5)
  client.send(ping('wrong'))
  const last = await client.find(({ type }) => type === TYPE.GOAWAY)
  expect([last?.payload.readUInt32BE(0), CODES[last!.payload.readUInt32BE(4)]]).toEqual([
    5,
    'FRAME_SIZE_ERROR',
  ])
  await client.find(() => false)
  expect(client.closed).toBe(true)
})

test.each([
  ['NO_ERROR', goaway(0, 0)],
  ['words for a human', frame(TYPE.GOAWAY, 0, 0, Buffer.concat([u32(0), u32(0), Buffer.from('bye')]))],
  ['the highest stream', goaway(2 ** 31 - 1, 0)],
])("6.8: the client's GOAWAY with %s lets its streams come to their end", async (_name, leaving) => {
  const client = await bench.open()
  client.send(headers(1, MUTE), headers(3, GET), leaving)
  expect(await client.fate(3)).toBe('200')
  client.send(reset(1))
  expect(client.frames.filter(({ type }) => type === TYPE.RST_STREAM)).toEqual([])
  client.destroy()
})

test("6.8: the client's GOAWAY for a fault of ours ends the connection or lets its streams end", async () => {
  const client = await bench.open()
  client.send(headers(1, GET), goaway(0, 0xff))
  expect(['200', 'closed']).toContain(await client.fate(1))
  client.destroy()
})

test('6.8: a shutdown says GOAWAY, takes no later stream, and lets those under way end', async () => {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, 0]))
  client.request(1, pseudo({ ':path': '/five' }))
  expect(await client.fate(1)).toBe('200')
  const drained = bench.gate.drain(5000)
  const bye = await client.find(({ type }) => type === TYPE.GOAWAY)
  expect(bye?.payload.readUInt32BE(4)).toBe(0)
  expect([1, 2 ** 31 - 1]).toContain(bye?.payload.readUInt32BE(0))
  client.send(settings([SETTING.INITIAL_WINDOW_SIZE, 5]))
  expect(await client.answer(1)).toMatchObject({ body: '12345', ended: true, reset: '' })
  await drained
  await client.find(() => false)
  expect(client.closed).toBe(true)
})
