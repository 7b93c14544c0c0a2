// Response splitting and forged log lines: no value of a client or an upstream ever becomes a line of its own.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { accessLogLine } from '../../telemetry/export/access-log.ts'
import { converse } from '../support/converse.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { type Random, seeded } from '../support/random.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import type { StrictMessage } from '../support/strict-reader.ts'

let upstream: RecordingUpstream
let gate: TestGate
/** What the upstream sends as its head; it ends the connection behind it. */
let said = 'HTTP/1.1 200 OK'
beforeAll(async () => {
  upstream = await startRecordingUpstream((_request, socket) => {
    setImmediate(() => socket.end())
    return `${said}\r\n\r\n`
  })
  gate = await startGate(`trustedProxies: [127.0.0.1]\nroutes:\n  '*': 127.0.0.1:${upstream.port}\n`)
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

const BYTES = [
  '\r\n',
  '\r',
  '\n',
  '\0',
  '\x0b',
  '\x0c',
  '\x1b[31m',
  '\x7f',
  '\x85',
  '\x9b',
  '\xc4\x8a',
  '\xe5\x98\x8a',
  '%0d%0a',
  '\\r\\n',
  'a',
  ' ',
  '\t',
  ':',
  ',',
  ';',
  '"',
  '<',
  '\xff',
]
const hostile = (random: Random) =>
  Array.from({ length: 1 + Math.floor(random() * 6) }, () => BYTES[Math.floor(random() * BYTES.length)]).join(
    '',
  )
const FIELDS = [
  'X-A',
  'User-Agent',
  'Referer',
  'X-Request-Id',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'Traceparent',
  'Tracestate',
  'Via',
  'Cookie',
  'Accept',
  'TE',
  'Range',
]
/** Control characters, and line ends that are none. */
const UNCLEAN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/
const namesOf = ({ fields }: StrictMessage) => fields.map(([name]) => name).filter(name => name === 'evil')

test('300 hostile values in every place of a request: one request out for one in, none with a field of theirs', async () => {
  const random = seeded(7)
  for (let i = 0; i < 300; i++) {
    const name = FIELDS[i % FIELDS.length]!
    const value = `${hostile(random)}Evil: 1${hostile(random)}`
    const target = random() < 0.2 ? `/${hostile(random)}` : '/'
    const { replies } = await converse(gate.http, {
      pieces: [`GET ${target} HTTP/1.1\r\nHost: x\r\n${name}: ${value}\r\nConnection: close\r\n\r\n`],
    })
    const reached = upstream.taken()
    const accepted = replies.filter(({ start }) => start[1] === '200')
    // A line end within the value makes two fields of it before we see it: then the client sent two.
    const own = /^.*\r\nEvil: 1/s.test(value) ? 1 : 0
    for (const request of reached) expect(namesOf(request).length).toBeLessThanOrEqual(own)
    expect([reached.length, replies.flatMap(namesOf)]).toEqual([accepted.length, []])
  }
  expect(
    upstream
      .readings()
      .map(({ problem, rest }) => problem + rest)
      .join(''),
  ).toBe('')
})

test('300 hostile values of an upstream: its reply comes as it was, or not at all', async () => {
  const random = seeded(8)
  for (let i = 0; i < 300; i++) {
    const value = `a${hostile(random)}Evil: 1${hostile(random)}z`
    said = `HTTP/1.1 200 OK\r\nX-Said: ${value}\r\nLocation: ${value}`
    const { replies } = await converse(gate.http, {
      pieces: ['GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    })
    expect(replies).toHaveLength(1)
    const head = said.split('\r\n\r\n', 1)[0]!
    if (!UNCLEAN.test(said) && !said.slice(16).includes('\r\n\r\n') && value.split('\r\n').length === 1)
      expect(replies[0]!.fields).toContainEqual(['x-said', value])
    if (UNCLEAN.test(head)) expect(replies[0]!.start[1]).toBe('502')
  }
})

test('log lines of all of it are one line each, without a byte that a terminal would act on', async () => {
  said = 'HTTP/1.1 200 OK'
  const random = seeded(9)
  const before = (await gate.records(0)).length
  for (let i = 0; i < 100; i++) {
    const line = i % 2 === 0 ? `GET /${hostile(random)} HTTP/1.1` : `${hostile(random)} / HTTP/1.1`
    await converse(gate.http, {
      pieces: [`${line}\r\nHost: x\r\nUser-Agent: \x9b31m${hostile(random)}\r\nConnection: close\r\n\r\n`],
    })
  }
  const records = (await gate.records(before + 90)).slice(before)
  for (const record of records) {
    const text = JSON.stringify(accessLogLine(record))
    expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
    expect(JSON.parse(text)).toMatchObject({ 'http.response.status_code': record.status })
  }
})
