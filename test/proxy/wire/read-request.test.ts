// What a request says of its connection decides who gets the next bytes on it.
import { expect, test } from 'vitest'
import { NO_CONNECTION } from '../../../proxy/pipeline/connection.ts'
import { readRequest } from '../../../proxy/wire/http1/read-request.ts'

const limits = {
  headMs: 1,
  bodyIdleMs: 1,
  bodyMinBytesPerSecond: 1,
  keepAliveMs: 1,
  keepAliveRequests: 1,
  maxHeadBytes: 16_384,
  maxFields: 5,
  maxUrlBytes: 100,
  maxStreams: 1,
}
const origin = { scheme: 'http', connection: NO_CONNECTION, tls: null } as const
/** Reading and head as one, which is how they are asked here. */
const read = (line: string, ...fields: string[]) => {
  const reading = readRequest([line, 'Host: x', ...fields].join('\r\n'), limits, origin)
  return 'head' in reading ? { ...reading, ...reading.head } : reading
}

test.each([
  ['GET / HTTP/1.1', [], true],
  ['GET / HTTP/1.1', ['Connection: close'], false],
  ['GET / HTTP/1.1', ['Connection: x, Close'], false],
  ['GET / HTTP/1.0', [], false],
  ['GET / HTTP/1.0', ['Connection: Keep-Alive'], true],
])('%s %j keeps the connection: %s', (line, fields, keepAlive) => {
  expect(read(line, ...fields)).toMatchObject({ keepAlive })
})

test('an upgrade needs both fields, GET, HTTP/1.1 and no body', () => {
  const fields = ['Connection: keep-alive, Upgrade', 'Upgrade: WebSocket']
  expect(read('GET / HTTP/1.1', ...fields)).toMatchObject({ upgrade: 'websocket' })
  expect(read('POST / HTTP/1.1', ...fields)).toMatchObject({ upgrade: '' })
  expect(read('GET / HTTP/1.0', ...fields)).toMatchObject({ upgrade: '' })
  expect(read('GET / HTTP/1.1', ...fields, 'Content-Length: 1')).toMatchObject({ upgrade: '' })
  expect(read('GET / HTTP/1.1', 'Upgrade: websocket')).toMatchObject({ upgrade: '' })
  expect(read('GET / HTTP/1.1', 'Connection: Upgrade', 'Upgrade: h2c')).toMatchObject({ upgrade: '' })
})

test.each([
  ['FOO / HTTP/1.1', { method: 'FOO' }],
  ['get / HTTP/1.1', { status: 400, reason: 'bad_method' }],
  ['GET  / HTTP/1.1', { status: 400, reason: 'bad_request_line' }],
  ['GET\t/\tHTTP/1.1', { status: 400 }],
  ['GET /é HTTP/1.1', { status: 400 }],
  ['GET / http/1.1', { status: 400 }],
  ['GET / HTTP/1.2', { status: 505, reason: 'bad_version' }],
  ['GET / HTTP/2.0', { status: 505, reason: 'bad_version' }],
  ['GET / HTTP/1.10', { status: 400 }],
  [`${'A'.repeat(40)} / HTTP/1.1`, { status: 501 }],
  [`GET /${'a'.repeat(100)} HTTP/1.1`, { status: 414 }],
  ['GET http://X/a?b HTTP/1.1', { authority: 'X', target: '/a?b' }],
  ['GET http://x HTTP/1.1', { target: '/' }],
])('%s', (line, expected) => {
  expect(read(line)).toMatchObject(expected)
})

test('one field too many is one too many', () => {
  expect(read('GET / HTTP/1.1', ...Array.from({ length: 5 }, () => 'X: 1'))).toMatchObject({ status: 431 })
})
