// Rows 117 to 142: reply heads of two readings, or of none; whoever passes them on poisons the next client.
import { expect } from 'vitest'
import { fieldOf } from '../../support/strict-reader.ts'
import { testUpstreamCases, type UpstreamCase } from '../../support/upstream-case.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const head = (fields: string) => `${OK}${fields}\r\n\r\n`

/** 502, and the upstream's connection is not used again; the upstream holds, so that we are the ones to decide. */
const invalid = (row: string, what: string, says: string, errorText: string): UpstreamCase => ({
  row,
  what,
  says,
  answers: [502],
  client: 'stays',
  reused: false,
  error: 'http_protocol_error',
  errorText: `invalid reply: ${errorText}`,
  reply: reply => expect(fieldOf(reply, 'proxy-status')).toBe('oriel; error=http_protocol_error'),
})
const passes = (
  row: string,
  what: string,
  says: string,
  reply: NonNullable<UpstreamCase['reply']>,
): UpstreamCase => ({
  row,
  what,
  says,
  answers: [200],
  client: 'stays',
  reused: true,
  reply,
})
const noStatusLine = 'no HTTP/1 status line'
const notClean = 'a control character or a bare line end'
const noField = 'a line that is no field'

testUpstreamCases([
  invalid('117', 'chunk size garbage', `${head('Transfer-Encoding: chunked')}zz\r\nhello`, 'bad chunk'),
  invalid(
    '118',
    'CL and TE',
    `${head('Content-Length: 2\r\nTransfer-Encoding: chunked')}0\r\n\r\n`,
    'Content-Length and Transfer-Encoding',
  ),
  invalid(
    '119',
    'two different CL',
    `${head('Content-Length: 2\r\nContent-Length: 3')}abc`,
    'two Content-Length',
  ),
  invalid(
    '119b',
    'two identical CL',
    `${head('Content-Length: 2\r\nContent-Length: 2')}ab`,
    'two Content-Length',
  ),
  invalid('119c', 'CL as a list', `${head('Content-Length: 2, 2')}ab`, 'malformed Content-Length'),
  invalid('120', 'CL negative', head('Content-Length: -1'), 'malformed Content-Length'),
  invalid('121', 'CL garbage', head('Content-Length: abc'), 'malformed Content-Length'),
  invalid('121b', 'CL empty', head('Content-Length:'), 'malformed Content-Length'),
  invalid('122', 'TE xchunked', head('Transfer-Encoding: xchunked'), 'unknown transfer coding'),
  invalid('122b', 'TE gzip, chunked', head('Transfer-Encoding: gzip, chunked'), 'unknown transfer coding'),
  invalid(
    '122c',
    'two TE',
    head('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'),
    'two Transfer-Encoding',
  ),
  invalid('124', 'NUL in a value', head('X: a\0b\r\nContent-Length: 0'), notClean),
  invalid('125', 'control character in a value', head('X: a\x01b\r\nContent-Length: 0'), notClean),
  invalid('126', 'bare CR in a value', head('X: a\rSet-Cookie: s=1\r\nContent-Length: 0'), notClean),
  invalid('127', 'bare LF line ends', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nok', notClean),
  invalid('127b', 'one bare LF', head('X: 1\nSet-Cookie: s=1\r\nContent-Length: 0'), notClean),
  invalid('128', 'obs-fold', head('X: a\r\n b\r\nContent-Length: 0'), noField),
  invalid('129', 'space in a name', head('X Y: a\r\nContent-Length: 0'), noField),
  invalid('129b', 'space before the colon', head('Content-Length : 0'), noField),
  passes(
    '130',
    'UTF-8 and obs-text in a value, byte for byte',
    head('X-T: caf\xc3\xa9 \x80\xff\r\nContent-Length: 0'),
    reply => expect(fieldOf(reply, 'x-t')).toBe('caf\xc3\xa9 \x80\xff'),
  ),
  invalid('131', 'a line without colon', head('nonsense\r\nContent-Length: 0'), noField),
  passes('132', 'a field of 20 KB', head(`X-T: ${'a'.repeat(20_480)}\r\nContent-Length: 0`), reply =>
    expect(fieldOf(reply, 'x-t')).toHaveLength(20_480),
  ),
  {
    row: '133',
    what: 'fields of 200 KB',
    says: head(`X: ${'a'.repeat(204_800)}\r\nContent-Length: 0`),
    answers: [502],
    client: 'stays',
    reused: false,
    error: 'http_response_header_section_size',
    errorText: 'upstream_headers_too_big: reply head over 64 KiB',
  },
  invalid('134', 'status 99', 'HTTP/1.1 99 OK\r\n\r\n', noStatusLine),
  invalid('135', 'status 999', 'HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n', noStatusLine),
  invalid('135b', 'status 600', 'HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n', noStatusLine),
  invalid('136', 'status abc', 'HTTP/1.1 abc OK\r\n\r\n', noStatusLine),
  passes('137', 'no reason, no space', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok', reply =>
    expect(reply.body).toBe('ok'),
  ),
  invalid('138', 'HTTP/0.9, a body only', '<html>hello</html>', noStatusLine),
  invalid('139', 'an SSH banner', 'SSH-2.0-OpenSSH_9.2\r\n', noStatusLine),
  invalid('140', 'a TLS alert', '\x15\x03\x01\x00\x02\x02\x46', noStatusLine),
  invalid('141', 'version HTTP/3.7', 'HTTP/3.7 200 OK\r\nContent-Length: 0\r\n\r\n', noStatusLine),
  invalid(
    '142',
    '101 not asked for',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    'an unasked switch of protocols',
  ),
  passes('150', '500 fields', head(`${'Set-Cookie: a=b\r\n'.repeat(500)}Content-Length: 0`), reply =>
    expect(reply.fields.filter(([name]) => name === 'set-cookie')).toHaveLength(500),
  ),
])
