// An upstream is trusted no further than its bytes: a reply of two readings poisons the next client's.
import { expect, test } from 'vitest'
import { readReplyHead } from '../../../proxy/upstream/transport/http1/reply-head.ts'

const read = (text: string, method = 'GET') => readReplyHead(text, method)
const ok = 'HTTP/1.1 200 OK'

test.each([
  [`${ok}\r\nContent-Length: 5`, 'GET', { framing: 'length', length: 5, keepAlive: true }],
  [`${ok}\r\nTransfer-Encoding: Chunked`, 'GET', { framing: 'chunked' }],
  [ok, 'GET', { framing: 'until-close', keepAlive: false }],
  [`${ok}\r\nContent-Length: 5`, 'HEAD', { framing: 'none' }],
  ['HTTP/1.1 204', 'GET', { status: 204, framing: 'none' }],
  ['HTTP/1.1 304 Not Modified\r\nContent-Length: 9', 'GET', { framing: 'none' }],
  [`${ok}\r\nContent-Length: 0\r\nConnection: close`, 'GET', { keepAlive: false }],
  ['HTTP/1.0 200 OK\r\nContent-Length: 0', 'GET', { keepAlive: false }],
  ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive', 'GET', { keepAlive: true }],
  [`${ok}\r\nContent-Length: 0\r\nKeep-Alive: timeout=7, max=3`, 'GET', { keepAliveMs: 7000 }],
  [
    `${ok}\r\nX: caf\xe9\r\nContent-Length: 0`,
    'GET',
    { block: { flat: ['x', 'caf\xe9', 'content-length', '0', 'via', '1.1 oriel'] } },
  ],
])('%j to %s', (text, method, expected) => {
  expect(read(text, method)).toMatchObject(expected)
})

test.each([
  'HTTP/1.1 99 x',
  'HTTP/1.1 600 x',
  'HTTP/1.1 abc',
  'HTTP/3.7 200 OK',
  'SSH-2.0-x',
  '',
  `${ok}\r\nContent-Length: 5\r\nContent-Length: 5`,
  `${ok}\r\nContent-Length: -1`,
  `${ok}\r\nContent-Length: 5, 5`,
  `${ok}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked`,
  `${ok}\r\nTransfer-Encoding: xchunked`,
  `${ok}\r\nTransfer-Encoding: gzip, chunked`,
  `${ok}\r\nX: a\0b`,
  `${ok}\r\nX: a\r b`,
  `${ok}\r\n folded: 1`,
  `${ok}\nX: 1`,
])('%j is no reply', text => {
  expect(read(text)).toEqual(expect.any(String))
})
