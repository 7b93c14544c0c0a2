// Windows: without these a slow reader would be flooded, and an upload would stop for ever (RFC 9113 sections 5.2, 6.9).
import { expect, test } from 'vitest'
import type { FrameClient } from '../../support/http2/client.ts'
import {
  echoOf,
  GET,
  LARGE_BYTES,
  MUTE,
  openBench,
  POST,
  testFrameCases,
} from '../../support/http2/examiner.ts'
import {
  ACK,
  data,
  END_HEADERS,
  END_STREAM,
  headers,
  PADDED,
  padded,
  ping,
  SETTING,
  settings,
  settingsOf,
  TYPE,
  windowUpdate,
} from '../../support/http2/frame.ts'
import { block, pseudo } from '../../support/http2/hpack.ts'
import { Upload } from '../../support/http2/upload.ts'

const bench = openBench()
const FIVE = block(pseudo({ ':path': '/five' }))
const LARGE = block(pseudo({ ':path': '/large' }))
const DEFAULT = 65_535
const MOST = 2 ** 31 - 1
const open = headers(1, MUTE, END_HEADERS)

/** Lengths of the DATA frames so far. */
const sent = (client: FrameClient, stream: number): number[] =>
  client.frames.filter(it => it.type === TYPE.DATA && it.stream === stream).map(it => it.payload.length)
const sum = (lengths: number[]): number => lengths.reduce((total, length) => total + length, 0)

/** All that a stream has had when the gate has answered a PING and a request of later. */
async function had(client: FrameClient, stream: number): Promise<number> {
  expect(await client.outcome(stream)).toBe('nothing')
  return sum(sent(client, stream))
}

/** Waits until a stream has had so many octets. */
async function until(client: FrameClient, stream: number, bytes: number): Promise<void> {
  let got = 0
  await client.find(
    it => it.type === TYPE.DATA && it.stream === stream && (got += it.payload.length) >= bytes,
  )
}

testFrameCases(bench, [
  {
    rule: '6.9',
    what: 'an increment of 0 for the connection',
    sends: [windowUpdate(0, 0)],
    permits: ['GOAWAY PROTOCOL_ERROR'],
  },
  {
    rule: '6.9',
    what: 'an increment of 0 for a stream',
    sends: [open, windowUpdate(1, 0)],
    permits: ['RST PROTOCOL_ERROR', 'GOAWAY PROTOCOL_ERROR'],
  },
  {
    rule: '6.9',
    what: 'an increment with the reserved bit',
    sends: [open, windowUpdate(1, 0x8000_0001)],
    permits: ['nothing'],
  },
  {
    rule: '6.9.1',
    what: "the connection's window over 2^31 − 1",
    sends: [windowUpdate(0, MOST), windowUpdate(0, MOST)],
    permits: ['GOAWAY FLOW_CONTROL_ERROR'],
  },
  {
    rule: '6.9.1',
    what: "the connection's window at 2^31 − 1",
    sends: [windowUpdate(0, MOST - DEFAULT)],
    permits: ['nothing'],
  },
  {
    rule: '6.9.1',
    what: "a stream's window over 2^31 − 1",
    sends: [open, windowUpdate(1, MOST), windowUpdate(1, MOST)],
    permits: ['RST FLOW_CONTROL_ERROR', 'GOAWAY FLOW_CONTROL_ERROR'],
  },
  {
    rule: '6.9.1',
    what: "a stream's window at 2^31 − 1",
    sends: [open, windowUpdate(1, MOST - DEFAULT)],
    permits: ['nothing'],
  },
  {
    rule: '6.9.2',
    what: 'SETTINGS that take a stream over 2^31 − 1',
    sends: [open, windowUpdate(1, MOST - DEFAULT), settings([SETTING.INITIAL_WINDOW_SIZE, DEFAULT + 1])],
    permits: ['GOAWAY FLOW_CONTROL_ERROR'],
  },
])

test('6.9.1: with a window of 1 the first DATA has one octet', async () => {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, 1]))
  client.send(headers(1, FIVE))
  await until(client, 1, 1)
  expect(await had(client, 1)).toBe(1)
  for (const octet of [2, 3, 4, 5]) {
    client.send(windowUpdate(1, 1))
    await until(client, 1, octet)
  }
  expect(await client.answer(1)).toMatchObject({ body: '12345', ended: true, reset: '' })
  client.destroy()
})

test('6.9.2: SETTINGS open the window of a stream that waits', async () => {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, 0]))
  client.send(headers(1, FIVE))
  expect(await client.fate(1)).toBe('200')
  expect(await had(client, 1)).toBe(0)
  client.send(settings([SETTING.INITIAL_WINDOW_SIZE, 1]))
  await until(client, 1, 1)
  expect(await had(client, 1)).toBe(1)
  client.destroy()
})

test('6.9.2: a window that SETTINGS made negative is filled up before DATA goes on', async () => {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, 3]))
  client.send(headers(1, FIVE))
  await until(client, 1, 3)
  client.send(settings([SETTING.INITIAL_WINDOW_SIZE, 1]), windowUpdate(1, 2))
  expect(await had(client, 1)).toBe(3)
  client.send(windowUpdate(1, 1))
  await until(client, 1, 4)
  expect(await had(client, 1)).toBe(4)
  client.send(settings([SETTING.INITIAL_WINDOW_SIZE, 2]))
  expect(await client.answer(1)).toMatchObject({ body: '12345', ended: true })
  client.destroy()
})

test('6.9.2: SETTINGS change no window of the connection', async () => {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, MOST]))
  client.send(headers(1, LARGE))
  await until(client, 1, DEFAULT)
  expect(sum(sent(client, 1))).toBe(DEFAULT)
  client.send(
    settings([SETTING.INITIAL_WINDOW_SIZE, 0]),
    settings([SETTING.INITIAL_WINDOW_SIZE, MOST]),
    ping(),
  )
  await client.find(({ type, flags }) => type === TYPE.PING && flags === ACK)
  expect(sum(sent(client, 1))).toBe(DEFAULT)
  client.destroy()
})

test("6.9.1: streams share the connection's window, and all go on when it opens", async () => {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, MOST]))
  for (const stream of [1, 3, 5]) client.send(headers(stream, LARGE))
  let got = 0
  await client.find(it => it.type === TYPE.DATA && (got += it.payload.length) >= DEFAULT)
  client.send(ping())
  await client.find(({ type, flags }) => type === TYPE.PING && flags === ACK)
  expect([1, 3, 5].reduce((total, stream) => total + sum(sent(client, stream)), 0)).toBe(DEFAULT)
  client.send(windowUpdate(0, 3 * LARGE_BYTES))
  for (const stream of [1, 3, 5]) {
    const { body, ended } = await client.answer(stream)
    expect([body.length, ended]).toEqual([LARGE_BYTES, true])
  }
  client.destroy()
})

test("6.9.1: a stream without a window does not hold up another's", async () => {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, 10]))
  client.send(headers(1, LARGE))
  await until(client, 1, 10)
  client.send(headers(3, FIVE))
  expect(await client.answer(3)).toMatchObject({ body: '12345', ended: true })
  expect(sum(sent(client, 1))).toBe(10)
  client.destroy()
})

test('6.9: an answer without content needs no window', async () => {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, 0]))
  client.request(1, pseudo({ ':path': '/empty' }))
  client.request(3, pseudo({ ':path': '/204' }))
  expect(await client.answer(1)).toMatchObject({ body: '', ended: true })
  expect(await client.answer(3)).toMatchObject({ body: '', ended: true })
  client.destroy()
})

test("4.2: no frame is larger than the client's SETTINGS_MAX_FRAME_SIZE", async () => {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, MOST]))
  client.send(windowUpdate(0, MOST - DEFAULT), headers(1, LARGE))
  expect((await client.answer(1)).body).toHaveLength(LARGE_BYTES)
  expect(Math.max(...sent(client, 1))).toBeLessThanOrEqual(16_384)
  client.destroy()
})

test.each([
  ['of whole frames', 16_384, 0, 3_000_000],
  ['of a few octets', 100, 0, 300_000],
  ['of padding for the most part', 1, 255, 5000],
])('6.9: an upload %s within the windows goes through to its end', async (_name, size, pad, total) => {
  const client = await bench.open()
  const upload = new Upload(client, 1)
  client.send(headers(1, POST, END_HEADERS))
  await upload.send(total, size, pad)
  expect((await echoOf(client, 1)).bytes).toBe(total)
  client.destroy()
})

test('6.9: DATA on streams that the gate has reset is given back to the connection', async () => {
  const client = await bench.open()
  const malformed = block([...pseudo({ ':method': 'POST' }), ['content-length', 'x']])
  client.send(headers(1, malformed, END_HEADERS))
  expect(await client.fate(1)).toBe('RST PROTOCOL_ERROR')
  const upload = new Upload(client, 0)
  // Three times the connection's window, on streams that are over before it comes.
  const until = 3 * (await upload.credit())
  for (let stream = 3; upload.sent < until; stream += 2) {
    client.send(headers(stream, malformed, END_HEADERS))
    for (let i = 0; i < 15; i++) await upload.frame(data(stream, Buffer.alloc(16_384)), 16_384)
  }
  client.send(headers(99_999, GET))
  expect(await client.fate(99_999)).toBe('200')
  client.destroy()
})

// `/unread` takes nothing: what the kernel and the gate hold is full at last, and no more credit comes.
test.each([
  ["a stream's window", 1],
  ["the connection's window", 8],
])('6.9.1: more than %s is a fault', async (_name, streams) => {
  const client = await bench.open()
  const unread = block(pseudo({ ':method': 'POST', ':path': '/unread' }))
  const numbers = Array.from({ length: streams }, (_, i) => 2 * i + 1)
  client.send(...numbers.map(stream => headers(stream, unread, END_HEADERS)))
  const round = numbers.map(stream => data(stream, Buffer.alloc(16_384)))
  for (let i = 0; i < 1000 && client.faultSoFar() === ''; i++) {
    client.send(...round)
    await client.drained()
  }
  const fault = await client.anyFault()
  expect(
    streams === 1 ? ['RST FLOW_CONTROL_ERROR', 'GOAWAY FLOW_CONTROL_ERROR'] : ['GOAWAY FLOW_CONTROL_ERROR'],
  ).toContain(fault)
  client.destroy()
})

test('6.9: padding that is too large for the window is counted, too', async () => {
  const client = await bench.open()
  client.send(headers(1, POST, END_HEADERS), data(1, padded('a', 255), PADDED), data(1, 'b', END_STREAM))
  expect((await echoOf(client, 1)).body).toBe('ab')
  client.destroy()
})
