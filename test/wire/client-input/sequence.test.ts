// Rows 96, 100 to 102, and clients that stop in the middle: one after the other, in order, and none for ever.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ClientCase, testClientCases } from '../../support/client-case.ts'
import { converse, statusesOf } from '../../support/converse.ts'
import { startGate, type TestGate } from '../../support/gate.ts'
import { inShort, type RecordingUpstream, startRecordingUpstream } from '../../support/recording-upstream.ts'

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`
const fifty = Array.from({ length: 50 }, (_, i) => `/${i}`)

const cases: ClientCase[] = [
  {
    row: '100',
    what: 'two pipelined GETs: in order',
    bytes: get('/1') + get('/2'),
    answers: [200, 200],
    fate: 'stays',
    reaches: ['GET /1', 'GET /2'],
  },
  {
    row: '100b',
    what: 'a body, then the next request in the same bytes',
    bytes: `POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello${get('/2')}`,
    answers: [200, 200],
    fate: 'stays',
    reaches: ['POST /1 hello', 'GET /2'],
  },
  {
    row: '101',
    what: 'GET, then garbage: the first is answered, then 400 and the end',
    bytes: `${get('/1')}garbage\r\n\r\n`,
    answers: [200, 400],
    fate: 'closes',
    reaches: ['GET /1'],
    reason: 'bad_request_line',
  },
  {
    row: '101b',
    what: 'what follows Connection: close is not a request',
    bytes: `GET /1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n${get('/2')}`,
    answers: [200],
    fate: 'closes',
    reaches: ['GET /1'],
  },
  {
    row: '102',
    what: '50 pipelined GETs: in order, one at a time',
    bytes: fifty.map(get).join(''),
    answers: fifty.map(() => 200),
    fate: 'stays',
    reaches: fifty.map(path => `GET ${path}`),
  },
  {
    row: '96',
    what: 'Expect: 100-continue, body never sent: 100 once let in, 408 in time',
    bytes: 'POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
    answers: [100, 408],
    fate: 'closes',
    reaches: [],
    record: { route: 'x', status: 408, error: 'client_timeout' },
  },
  {
    row: '96b',
    what: 'Expect: 100-continue with a body that is too large: 413 and no 100',
    bytes: 'POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\nExpect: 100-continue\r\n\r\n',
    answers: [413],
    fate: 'closes',
    record: { route: 'x', status: 413, error: 'request_too_large', attempts: [] },
  },
  {
    row: '96c',
    what: 'Expect: 100-continue of HTTP/1.0 is ignored',
    bytes: 'POST /c HTTP/1.0\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello',
    answers: [200],
    fate: 'closes',
    reaches: ['POST /c hello'],
  },
  {
    row: '50c',
    what: 'half a head: 408 in time',
    bytes: 'GET / HTTP/1.1\r\nHost: x\r\n',
    answers: [408],
    fate: 'closes',
    reason: 'head_timeout',
  },
  {
    row: '96d',
    what: 'half a body: 408 in time',
    bytes: 'POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhel',
    answers: [408],
    fate: 'closes',
    reaches: [],
    record: { route: 'x', status: 408, error: 'client_timeout' },
  },
]
testClientCases(cases, 'client: { head: 300ms, bodyIdle: 300ms }\n')

let upstream: RecordingUpstream
let gate: TestGate
beforeAll(async () => {
  upstream = await startRecordingUpstream(() => '')
  gate = await startGate(`routes:\n  x: 127.0.0.1:${upstream.port}\n`)
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

test('102b requests that came ahead wait unread: the backend sees one at a time', async () => {
  const answer = converse(gate.http, { pieces: [fifty.map(get).join('')], finals: 50 })
  answer.catch(() => {})
  const seen: string[] = []
  while (seen.length === 0) {
    seen.push(...upstream.taken().map(inShort))
    await new Promise(resolve => setImmediate(resolve))
  }
  // Whatever else the gate may do with what it holds, it does before the next turns are over.
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
  expect([...seen, ...upstream.taken().map(inShort)]).toEqual(['GET /0'])
})

test('two clients on one backend connection: neither gets a byte of the other', async () => {
  const echo = await startRecordingUpstream(({ start, body }) => {
    const text = `${start[1]} ${body}`
    return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`
  })
  const own = await startGate(`routes:\n  x: 127.0.0.1:${echo.port}\n`)
  const post = (name: string, i: number) => {
    const body = `${name}${i}`.repeat(i % 7)
    return `POST /${name}/${i} HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }
  const talk = async (name: string) => {
    const rounds = Array.from({ length: 40 }, (_, i) => i)
    const { replies } = await converse(own.http, { pieces: rounds.map(i => post(name, i)), finals: 40 })
    expect(replies.map(reply => reply.body)).toEqual(
      rounds.map(i => `/${name}/${i} ${`${name}${i}`.repeat(i % 7)}`),
    )
  }
  await Promise.all(['anna', 'berta'].map(talk))
  expect(echo.streams.length).toBeLessThanOrEqual(2)
  expect(echo.readings().map(({ rest, problem }) => rest + problem)).toEqual(echo.streams.map(() => ''))
  expect(statusesOf(await converse(own.http, { pieces: [get('/')], finals: 1 }))).toEqual([200])
  await own.close()
  await echo.close()
})
