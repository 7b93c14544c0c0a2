// Rows 50 to 60, 71 to 75: other versions, other methods, other protocols on this port.
import { expect } from 'vitest'
import { type ClientCase, testClientCases } from '../../support/client-case.ts'
import { fieldOf } from '../../support/strict-reader.ts'

const refused = (
  row: string,
  what: string,
  bytes: ClientCase['bytes'],
  reason: string,
  status = 400,
): ClientCase => ({ row, what, bytes, answers: [status], fate: 'closes', reason })
const line = (text: string) => `${text}\r\nHost: x\r\n\r\n`
const hello = Buffer.from(
  '16030102000100 01fc0303aabbccddeeff00112233445566778899'.replaceAll(' ', ''),
  'hex',
)
const noise = Buffer.from('80ff0a0d0102fe9900ff41427f', 'hex')

testClientCases([
  refused('50', 'HTTP/0.9, at once', 'GET /\r\n', 'bad_request_line'),
  refused('50b', 'HTTP/0.9 with fields', 'GET /\r\nHost: x\r\n\r\n', 'bad_request_line'),
  refused('51', 'HTTP/1.2', line('GET / HTTP/1.2'), 'bad_version', 505),
  refused('52', 'HTTP/2.0 as text', line('GET / HTTP/2.0'), 'bad_version', 505),
  refused('53', 'HTTP/9.9', line('GET / HTTP/9.9'), 'bad_version', 505),
  refused('53b', 'HTTP/1.10', line('GET / HTTP/1.10'), 'bad_request_line'),
  refused('53c', 'HTTP/1', line('GET / HTTP/1'), 'bad_request_line'),
  refused('54', 'http/1.1 in lower case', line('GET / http/1.1'), 'bad_request_line'),
  refused('55', 'a method of 9000 characters', line(`${'A'.repeat(9000)} / HTTP/1.1`), 'bad_method', 501),
  refused('55b', 'a method of 9000 characters without end', 'A'.repeat(9000), 'bad_request_line'),
  refused('56', 'get in lower case', line('get / HTTP/1.1'), 'bad_method'),
  refused('57', 'a method with a parenthesis', line('GE(T / HTTP/1.1'), 'bad_request_line'),
  {
    row: '58',
    what: 'FOO: any token is a method',
    bytes: line('FOO /m HTTP/1.1'),
    answers: [200],
    fate: 'stays',
    reaches: ['FOO /m'],
  },
  {
    row: '59',
    what: 'TRACE: never forwarded, nothing mirrored',
    bytes: 'TRACE / HTTP/1.1\r\nHost: x\r\nCookie: secret=1\r\n\r\n',
    answers: [405],
    fate: 'stays',
    record: { route: 'x', error: 'http_request_denied', attempts: [] },
    answer: reply => {
      expect(fieldOf(reply, 'allow')).toContain('GET')
      expect(reply.body).not.toContain('secret')
    },
  },
  refused('60', 'CONNECT: never dialled', 'CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n', 'connect', 405),
  {
    row: '71',
    what: 'one empty line before a request is tolerated',
    bytes: `\r\n${line('GET /e HTTP/1.1')}`,
    answers: [200],
    fate: 'stays',
    reaches: ['GET /e'],
  },
  {
    row: '71b',
    what: 'also when it is cut between CR and LF',
    bytes: ['\r', `\n${line('GET /e HTTP/1.1')}`],
    answers: [200],
    fate: 'stays',
    reaches: ['GET /e'],
  },
  refused('71c', 'two empty lines', `\r\n\r\n${line('GET / HTTP/1.1')}`, 'bad_request_line'),
  refused('71e', 'empty lines and nothing else', '\r\n\r\n\r\n', 'bad_request_line'),
  refused('71f', 'the same in two pieces', ['\r\n', '\r\n\r\n'], 'bad_request_line'),
  refused(
    '71g',
    'a request, then empty lines only',
    [`${line('GET / HTTP/0.9')}`, '\r\n\r\n\r\n'],
    'bad_version',
    505,
  ),
  refused('71d', 'an empty line of a bare LF', `\n${line('GET / HTTP/1.1')}`, 'bare_lf'),
  refused('72', 'TLS on the plain port, at once', hello, 'tls_on_plain'),
  refused('73', 'random bytes, at once', noise, 'bare_lf'),
  refused('73b', 'random bytes without a line end', Buffer.from('80ff0102', 'hex'), 'bad_request_line'),
  refused('74', 'HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'h2_preface'),
  refused(
    '75',
    'PROXY protocol that nobody asked for',
    `PROXY TCP4 6.6.6.6 127.0.0.1 1 2\r\n${line('GET / HTTP/1.1')}`,
    'bad_request_line',
  ),
  {
    row: '75b',
    what: 'HTTP/1.0 is answered and closed',
    bytes: 'GET /old HTTP/1.0\r\nHost: x\r\n\r\n',
    answers: [200],
    fate: 'closes',
    reaches: ['GET /old'],
  },
])
