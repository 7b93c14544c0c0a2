// Rows 88 to 94, 97 to 99 (95: upgrade.test.ts): fields of one connection, of one hop, or forged in another's name, and what becomes of them.
import { expect } from 'vitest'
import { type ClientCase, testClientCases } from '../../support/client-case.ts'
import { fieldOf, type StrictMessage } from '../../support/strict-reader.ts'

const get = (fields: string, method = 'GET') => `${method} /h HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n`
const passes = (
  row: string,
  what: string,
  fields: string,
  backend: NonNullable<ClientCase['backend']>,
): ClientCase => ({
  row,
  what,
  bytes: get(fields),
  answers: [200],
  fate: 'stays',
  reaches: ['GET /h'],
  backend,
})
/** Policy, not framing: the connection is sound and stays; the record stands under its route. */
const answered = (row: string, what: string, bytes: string, status: number, verdict: string): ClientCase => ({
  row,
  what,
  bytes,
  answers: [status],
  fate: 'stays',
  record: {
    route: 'x',
    status,
    attempts: [],
    verdicts: expect.arrayContaining([expect.objectContaining({ stage: 'guard', reason: verdict })]),
  },
})
const names = ({ fields }: StrictMessage) => fields.map(([name]) => name)

testClientCases([
  // From a trusted proxy it is 400: test/wire/forwarding-fields.test.ts.
  passes(
    '88',
    'Connection names X-Forwarded-For: stripped, then our own is set',
    'Connection: X-Forwarded-For\r\nX-Forwarded-For: 6.6.6.6',
    request => expect(fieldOf(request, 'x-forwarded-for')).toBe('127.0.0.1'),
  ),
  passes(
    '88b',
    'Connection names all of the family',
    'Connection: Forwarded, X-Forwarded-Proto, X-Forwarded-Host\r\nForwarded: for=6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil',
    request =>
      expect([
        fieldOf(request, 'x-forwarded-proto'),
        fieldOf(request, 'x-forwarded-host'),
        fieldOf(request, 'forwarded'),
      ]).toEqual(['http', 'x', '']),
  ),
  answered('89', 'Connection names Host', get('Connection: Host'), 400, 'connection-field'),
  answered(
    '89b',
    'Connection names Content-Length',
    get('Connection: keep-alive, content-length'),
    400,
    'connection-field',
  ),
  answered(
    '89c',
    'Connection names it in a second field',
    get('Connection: a\r\nConnection: HOST'),
    400,
    'connection-field',
  ),
  passes(
    '90',
    'Connection names X-Secret: stripped',
    'Connection: X-Secret\r\nX-Secret: 1\r\nX-Own: 2',
    request => expect([names(request).includes('x-secret'), fieldOf(request, 'x-own')]).toEqual([false, '2']),
  ),
  passes(
    '91',
    'Keep-Alive, Proxy-Connection, Proxy-Authorization, TE, Trailer: stripped',
    'Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eDp5\r\nTE: gzip\r\nTrailer: X-T',
    request =>
      expect(
        names(request).filter(name => /^(?:keep-alive|proxy-.*|te|trailer|connection|upgrade)$/.test(name)),
      ).toEqual([]),
  ),
  passes(
    '91b',
    'TE: trailers is told again, as trailers of replies are passed on',
    'TE: trailers, deflate',
    request => expect(fieldOf(request, 'te')).toBe('trailers'),
  ),
  passes(
    '92',
    'forged forwarding fields: replaced',
    'X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nForwarded: for=6.6.6.6\r\n' +
      'X-Real-IP: 6.6.6.6\r\nX-Forwarded-Port: 666\r\nX_Forwarded_For: 6.6.6.6\r\nX.Forwarded.For: 6.6.6.6',
    request => {
      expect(fieldOf(request, 'x-forwarded-for')).toBe('127.0.0.1')
      expect(fieldOf(request, 'x-forwarded-proto')).toBe('http')
      expect(fieldOf(request, 'x-forwarded-host')).toBe('x')
      expect(JSON.stringify(request.fields)).not.toMatch(/6\.6\.6\.6|evil|"666"/)
    },
  ),
  passes(
    '93',
    'Upgrade: h2c is answered as plain HTTP/1.1',
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk',
    request => expect(names(request).filter(name => /upgrade|settings|connection/.test(name))).toEqual([]),
  ),
  {
    row: '94',
    what: 'Upgrade: websocket of version 8: 426 with the version that is spoken',
    bytes: get(
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 8',
    ),
    answers: [426],
    fate: 'closes',
    record: { route: 'x', status: 426 },
    answer: reply => expect(fieldOf(reply, 'sec-websocket-version')).toBe('13'),
  },
  answered('97', 'Expect: 200-ok', get('Expect: 200-ok'), 417, 'expectation'),
  answered(
    '98',
    'OPTIONS with Max-Forwards: 0 is answered here',
    get('Max-Forwards: 0', 'OPTIONS'),
    200,
    'answered-options',
  ),
  {
    row: '98b',
    what: 'OPTIONS with Max-Forwards: 2 goes on with 1',
    bytes: get('Max-Forwards: 2', 'OPTIONS'),
    answers: [200],
    fate: 'stays',
    reaches: ['OPTIONS /h'],
    backend: request => expect(fieldOf(request, 'max-forwards')).toBe('1'),
  },
  {
    row: '98c',
    what: 'the same head twice: what was taken off the first is not taken off again',
    bytes: get('Max-Forwards: 2', 'OPTIONS').repeat(3),
    answers: [200, 200, 200],
    fate: 'stays',
    reaches: ['OPTIONS /h', 'OPTIONS /h', 'OPTIONS /h'],
    backend: request => expect(fieldOf(request, 'max-forwards')).toBe('1'),
  },
  passes('99', '1300 ranges: Range is ignored', `Range: bytes=${'0-0,'.repeat(1299)}0-0`, request =>
    expect(names(request)).not.toContain('range'),
  ),
  passes('99b', '16 ranges pass', `Range: bytes=${'0-0,'.repeat(15)}0-0`, request =>
    expect(fieldOf(request, 'range')).toMatch(/^bytes=0-0,/),
  ),
])
