// Row 22 of client input: fields behind a body that no stage has seen reach a backend only where the route lists them.
import { once } from 'node:events'
import { type ClientHttp2Session, connect, createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startRawUpstream } from '../support/upstream.ts'

/** What an upstream got, in the order of the wire. */
interface Told {
  head: string
  trailers: string[]
}

let raw: Awaited<ReturnType<typeof startRawUpstream>>
let h2c: Http2Server
let gate: TestGate
let session: ClientHttp2Session
const got: Told[] = []

/** How the HTTP/1.1 upstream answers; `\n` stands for the end of a line. */
let answer = ''
const OK = 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok'
beforeEach(() => {
  answer = OK
})

/** Whole requests: a head without a body, by length, or in chunks up to the empty line of the trailers. */
const REQUEST = /^(.*?\r\n\r\n)(?:(?:[0-9a-f]+\r\n[\s\S]*?\r\n)*?0\r\n((?:[^\r]+\r\n)*)\r\n|hello|)$/s

beforeAll(async () => {
  raw = await startRawUpstream((socket, received) => {
    if (/transfer-encoding: chunked/i.test(received) && !/\r\n0\r\n(?:[^\r]+\r\n)*\r\n$/.test(received))
      return
    if (/content-length: 5/i.test(received) && !received.endsWith('hello')) return
    const match = REQUEST.exec(received)
    if (match === null) return
    got.push({ head: match[1]!, trailers: (match[2] ?? '').split('\r\n').filter(line => line !== '') })
    socket.end(answer.replaceAll('\n', '\r\n'), 'latin1')
  })
  h2c = createServer()
  h2c.on('stream', (stream, _fields, _flags, head) => {
    const told: Told = { head: (head as unknown as string[]).join(' '), trailers: [] }
    stream.on('trailers', (_, __, flat) => {
      const list = flat as unknown as string[]
      for (let i = 0; i < list.length; i += 2) told.trailers.push(`${list[i]}: ${list[i + 1]}`)
    })
    stream.resume()
    stream.on('end', () => {
      got.push(told)
      stream.respond({ ':status': 200 })
      stream.end('ok')
    })
  })
  await new Promise<void>(resolve => h2c.listen(0, '127.0.0.1', resolve))
  const h2cPort = (h2c.address() as AddressInfo).port
  const listed = 'trailers: [X-Checksum, server-timing]'
  gate = await startGate(
    `routes:
  '*/none': 127.0.0.1:${raw.port}
  '*/listed': { to: '127.0.0.1:${raw.port}', ${listed} }
  '*/h2-none': h2c://127.0.0.1:${h2cPort}
  '*/h2-listed': { to: 'h2c://127.0.0.1:${h2cPort}', ${listed} }
`,
    [await makeCertificate(['x'])],
  )
  session = connect(`https://127.0.0.1:${gate.https}`, { rejectUnauthorized: false, servername: 'x' })
  await once(session, 'connect')
})
afterAll(async () => {
  session.destroy()
  await gate.close()
  await raw.close()
  h2c.close()
})

type Send = (path: string, trailers: Record<string, string>, fields?: Record<string, string>) => Promise<Told>

const http1: Send = async (path, trailers, fields = {}) => {
  const lines = (of: Record<string, string>) =>
    Object.entries(of)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n${lines(fields)}\r\n`
  const { statuses } = await rawRequest(gate.http, `${head}5\r\nhello\r\n0\r\n${lines(trailers)}\r\n`)
  expect(statuses).toEqual([200])
  return got.pop()!
}

const http2: Send = async (path, trailers, fields = {}) => {
  const head = { ':path': path, ':method': 'POST', ':authority': 'x', ...fields }
  const stream = session.request(head, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  stream.end('hello')
  const [reply] = await once(stream, 'response')
  expect(reply[':status']).toBe(200)
  stream.resume()
  await once(stream, 'close')
  return got.pop()!
}

const ways: [string, Send, string][] = [
  ['HTTP/1.1 to HTTP/1.1', http1, '/'],
  ['HTTP/1.1 to HTTP/2', http1, '/h2-'],
  ['HTTP/2 to HTTP/1.1', http2, '/'],
  ['HTTP/2 to HTTP/2', http2, '/h2-'],
]

test.each(ways)('%s: trailers pass where the route lists them, and only those', async (_, send, to) => {
  const trailers = { 'x-checksum': 'a;b', 'x-other': '1', 'x-forwarded-for': '6.6.6.6', cookie: 'a=1' }
  expect((await send(`${to}listed`, trailers)).trailers).toEqual(['x-checksum: a;b'])
  expect((await send(`${to}none`, trailers)).trailers).toEqual([])
})

test.each(ways)('%s: nothing of them is merged into the head', async (_, send, to) => {
  const trailers = { 'x-checksum': 'SUM', 'x-forwarded-for': '6.6.6.6', 'x-real-ip': '6.6.6.6' }
  const { head } = await send(`${to}listed`, trailers)
  expect(head).not.toMatch(/SUM|6\.6\.6\.6|checksum|real-ip/i)
  expect(head).toMatch(/x-forwarded-for[: ]+127\.0\.0\.1/)
})

test.each(ways)('%s: the head announces those that pass, for backends that ask it', async (_, send, to) => {
  const fields = { trailer: 'X-Other, X-Checksum' }
  expect((await send(`${to}listed`, { 'x-checksum': '1' }, fields)).head).toMatch(
    /trailer[: ]+x-checksum(?!,)/,
  )
  expect((await send(`${to}none`, { 'x-checksum': '1' }, fields)).head).not.toMatch(/[\n ]trailer[: ]/)
})

test.each(ways)(
  '%s: the trailers of a gRPC call pass, but for those that nobody may send late',
  async (_, send, to) => {
    const trailers = { 'x-any': '1', authorization: 'evil', 'x-forwarded-for': '6.6.6.6' }
    expect((await send(`${to}none`, trailers, { 'content-type': 'application/grpc' })).trailers).toEqual([
      'x-any: 1',
    ])
  },
)

test('a Host in HTTP/1.1 trailers is dropped, whatever the route lists', async () => {
  const { head, trailers } = await http1('/listed', { Host: 'evil', 'X-Checksum': '1', 'Server-Timing': 'a' })
  expect(trailers).toEqual(['x-checksum: 1', 'server-timing: a'])
  expect(head).not.toContain('evil')
})

test.each(['Content-Length: 5', 'Transfer-Encoding: chunked', `${'X-Checksum: 1\r\n'.repeat(201)}X: 1`])(
  'trailers that frame, or a flood of them, are refused also where some pass: %.20s',
  async lines => {
    const head = 'POST /listed HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n'
    const { statuses, closed } = await rawRequest(gate.http, `${head}5\r\nhello\r\n0\r\n${lines}\r\n\r\n`)
    expect([statuses, closed]).toEqual([[400], true])
  },
)

test('behind a body that goes on by its length there is no room: trailers are dropped', async () => {
  const { head, trailers } = await http2('/listed', { 'x-checksum': '1' }, { 'content-length': '5' })
  expect(head).toContain('content-length: 5')
  expect(trailers).toEqual([])
})

const REPLY =
  'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nok\n0\nX-Sum: 1\nConnection: x\nSet-Cookie: a\n\n'

test('trailers of a reply reach an HTTP/1.1 client, without those of the connection', async () => {
  answer = REPLY
  const { text } = await rawRequest(gate.http, 'GET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe('2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n')
})

test('trailers of a reply reach an HTTP/2 client, without those of the connection', async () => {
  answer = REPLY
  const stream = session.request({ ':path': '/none', ':authority': 'x' })
  stream.resume()
  const [trailers] = await once(stream, 'trailers')
  expect([trailers['x-sum'], trailers.connection]).toEqual(['1', undefined])
})
