// Rows 104 to 109 of misbehaving upstreams: what is asked again, of whom, and what never is; a repeat can be a second order.
import type { Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { ExchangeRecord } from '../../telemetry/record.ts'
import { converse } from '../support/converse.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { type RawAnswer, rawRequest } from '../support/raw-client.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const FIN = (socket: Socket) => void socket.end()
const RST = (socket: Socket) => void socket.resetAndDestroy()

/** Says `bytes` to each request, then ends. */
const faulty = (bytes: string, end: (socket: Socket) => void) =>
  startRecordingUpstream((_request, socket) => {
    socket.write(bytes, 'latin1', () => end(socket))
    return ''
  })

async function gateTo(upstreams: RecordingUpstream[], more = ''): Promise<TestGate> {
  open.push(...upstreams)
  const targets = upstreams.map(({ port }) => `127.0.0.1:${port}`).join(', ')
  const gate = await startGate(`routes:\n  x: { to: { targets: [${targets}]${more} } }\n`)
  open.push(gate)
  return gate
}

const bytes = (method: string) => `${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
const ask = (gate: TestGate, method = 'GET'): Promise<RawAnswer> => rawRequest(gate.http, bytes(method))
const asked = (upstreams: RecordingUpstream[]) => upstreams.map(upstream => upstream.taken().length)
const whatOf = (record: ExchangeRecord) =>
  record.verdicts.findLast(({ stage, reason }) => stage === 'forward' && reason === 'failed')?.text

test.each([
  ['104', 'FIN', FIN],
  ['105', 'RST', RST],
])('%s closed by %s without a byte: a lone upstream is asked once', async (_row, _what, end) => {
  const bad = await faulty('', end)
  const gate = await gateTo([bad])
  for (const method of ['GET', 'POST']) {
    expect((await ask(gate, method)).statuses).toEqual([502])
    expect(asked([bad])).toEqual([1])
  }
  const [record] = await gate.records(2)
  expect(record!.attempts).toHaveLength(1)
  expect(whatOf(record!)).toBe('connection_terminated, not tried again: there is no other upstream')
})

test.each([
  ['104', 'FIN', FIN],
  ['105', 'RST', RST],
])(
  '%s closed by %s without a byte: another upstream is asked, once, where that is safe',
  async (_row, _what, end) => {
    const upstreams = [await faulty('', end), await startRecordingUpstream()]
    const gate = await gateTo(upstreams)
    expect((await ask(gate)).statuses).toEqual([200])
    expect(asked(upstreams)).toEqual([1, 1])
    // The turns of round robin: the second went to the sound one first.
    expect((await ask(gate)).statuses).toEqual([200])
    upstreams[0]!.taken()
    const posts = [await ask(gate, 'POST'), await ask(gate, 'POST')].map(({ statuses }) => statuses[0])
    expect(posts.sort()).toEqual([200, 502])
  },
)

test('104 three that close without a byte: two of them are asked, each once', async () => {
  const upstreams = [await faulty('', FIN), await faulty('', FIN), await faulty('', FIN)]
  const gate = await gateTo(upstreams)
  expect((await ask(gate)).statuses).toEqual([502])
  expect(asked(upstreams).sort()).toEqual([0, 1, 1])
})

test.each([
  ['107', 'half a status line', 'HTTP/1.1 2'],
  ['109', 'a head that is cut', 'HTTP/1.1 200 OK\r\nX: 1\r\n'],
  ['144', 'early hints and no reply', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'],
])('%s %s, then FIN: the reply had begun, so nobody else is asked', async (_row, _what, says) => {
  const upstreams = [await faulty(says, FIN), await startRecordingUpstream()]
  const gate = await gateTo(upstreams, ', tries: 3')
  expect((await ask(gate)).statuses.at(-1)).toBe(502)
  expect(asked(upstreams)).toEqual([1, 0])
  expect(whatOf((await gate.records(1))[0]!)).toBe(
    'connection_terminated, not tried again: the reply had begun',
  )
})

/** Keeps connections alive, and closes each without a byte at its second request. */
function closing(end: (socket: Socket) => void): Promise<RecordingUpstream> {
  const served = new WeakSet<Socket>()
  let waiting: Socket[] = []
  return startRecordingUpstream(({ start }, socket) => {
    if (served.has(socket)) {
      end(socket)
      return ''
    }
    served.add(socket)
    if (start[1] !== '/pair') return OK
    // Both are answered together, so that there are two connections.
    waiting.push(socket)
    if (waiting.length === 2) for (const one of waiting) one.write(OK)
    if (waiting.length === 2) waiting = []
    return ''
  })
}

async function keepTwo(gate: TestGate): Promise<void> {
  const head = 'GET /pair HTTP/1.1\r\nHost: x\r\n\r\n'
  await Promise.all([1, 2].map(() => converse(gate.http, { pieces: [head], finals: 1 })))
}

test.each([
  ['FIN', FIN],
  ['RST', RST],
])(
  'a kept-alive connection closed by %s without a byte: repeated on a new one, whatever else is kept',
  async (_what, end) => {
    const upstream = await closing(end)
    const gate = await gateTo([upstream])
    await keepTwo(gate)
    upstream.taken()
    for (const method of ['GET', 'PUT']) {
      expect((await ask(gate, method)).statuses).toEqual([200])
      expect(asked([upstream])).toEqual([2])
    }
    const records = (await gate.records(4)).slice(2)
    expect(records.map(({ attempts }) => attempts.map(({ reused }) => reused))).toEqual([
      [true, false],
      [true, false],
    ])
  },
)

test('a kept-alive connection closed without a byte: POST is not repeated', async () => {
  const upstream = await closing(FIN)
  const gate = await gateTo([upstream])
  await keepTwo(gate)
  upstream.taken()
  expect((await ask(gate, 'POST')).statuses).toEqual([502])
  expect(asked([upstream])).toEqual([1])
})

test('the repeat that fails on a new connection is the last one', async () => {
  let kept = true
  const upstream = await startRecordingUpstream((_request, socket) => {
    if (kept) return OK
    socket.end()
    return ''
  })
  const gate = await gateTo([upstream])
  expect((await ask(gate)).statuses).toEqual([200])
  kept = false
  upstream.taken()
  expect((await ask(gate)).statuses).toEqual([502])
  expect(asked([upstream])).toEqual([2])
})

test('a number of tries means that number, also at a lone upstream', async () => {
  const bad = await faulty('', FIN)
  const gate = await gateTo([bad], ', tries: 3')
  expect((await ask(gate)).statuses).toEqual([502])
  expect(asked([bad])).toEqual([3])
  expect((await ask(gate, 'POST')).statuses).toEqual([502])
  expect(asked([bad])).toEqual([1])
})

test('an upstream that nothing was sent to may be asked again, there being no other', async () => {
  const gone = await startRecordingUpstream()
  await gone.close()
  const gate = await gateTo([{ ...gone, close: async () => {} }])
  expect((await ask(gate, 'POST')).statuses).toEqual([502])
  const [record] = await gate.records(1)
  expect(record!.attempts.map(({ error }) => error)).toEqual(['connection_refused', 'connection_refused'])
})
