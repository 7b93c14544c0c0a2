// Rows 103, 110 to 116, 123, 143 to 149: bodies cut, too long, or where none may be; interim replies without end.
import { expect } from 'vitest'
import { fieldOf } from '../../support/strict-reader.ts'
import { testUpstreamCases, type UpstreamCase } from '../../support/upstream-case.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`
const whole = `${OK}Content-Length: 2\r\n\r\nok`
const long = 'a'.repeat(100_000)
const MORE = 'upstream_overrun: more bytes than announced'

const cut = (
  row: string,
  what: string,
  says: string,
  after: NonNullable<UpstreamCase['after']>,
  error = 'http_response_incomplete',
): UpstreamCase => ({
  row,
  what,
  says,
  after,
  answers: [],
  client: 'cut',
  reused: false,
  error,
})
const ends = (row: string, what: string, says: string, more: Partial<UpstreamCase> = {}): UpstreamCase => ({
  row,
  what,
  says,
  answers: [200],
  client: 'stays',
  reused: true,
  reply: reply => expect(reply.body).toBe('ok'),
  ...more,
})
/** Whole for the client; the upstream's connection holds bytes that answer nothing. */
const overrun = (row: string, what: string, says: string, more: Partial<UpstreamCase> = {}): UpstreamCase =>
  ends(row, what, says, { reused: false, errorText: MORE, ...more })

testUpstreamCases([
  ends('103', 'a length and its bytes', whole),
  cut('110', 'a body shorter than its length, then FIN', `${OK}Content-Length: 10\r\n\r\nhalf`, 'end'),
  cut('111', 'a body shorter than its length, then RST', `${OK}Content-Length: 10\r\n\r\nhalf`, 'reset'),
  cut(
    '112',
    'a body shorter than its length, then silence',
    `${OK}Content-Length: 10\r\n\r\nhalf`,
    'hold',
    'connection_read_timeout',
  ),
  overrun('113', 'a body longer than its length', `${whole}surplus`),
  overrun('114', 'a whole second reply behind the body', `${whole}${OK}Content-Length: 6\r\n\r\npoison`),
  overrun(
    '114b',
    'a whole second reply behind the last chunk',
    `${CHUNKED}2\r\nok\r\n0\r\n\r\n${OK}Content-Length: 6\r\n\r\npoison`,
  ),
  overrun('114c', 'a second reply behind one without body', `${OK}Content-Length: 0\r\n\r\n${whole}`, {
    reply: reply => expect(reply.body).toBe(''),
  }),
  cut('115', 'a chunk cut in its middle', `${CHUNKED}5\r\nhel`, 'end'),
  cut('116', 'no last chunk', `${CHUNKED}5\r\nhello\r\n`, 'end'),
  cut('116b', 'trailers cut', `${CHUNKED}5\r\nhello\r\n0\r\nX: 1\r\n`, 'end'),
  cut(
    '117b',
    'chunk size garbage when the head has left',
    `${CHUNKED}186a0\r\n${long}\r\nzz\r\n`,
    'hold',
    'http_protocol_error',
  ),
  ends('123', 'no length, no coding: ended by the connection, framed anew', `${OK}\r\nok`, {
    after: 'end',
    reused: false,
  }),
  ends('123b', 'HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\nok', { after: 'end', reused: false }),
  ends('143', '100, then 200: nobody here waited for it', `HTTP/1.1 100 Continue\r\n\r\n${whole}`),
  ends(
    '144',
    '103 Early Hints, then 200: passed on',
    `HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nContent-Length: 5\r\n\r\n${whole}`,
    {
      answers: [103, 200],
    },
  ),
  ends('145', '16 interim replies', `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(16)}${whole}`),
  {
    row: '145b',
    what: '1000 interim replies',
    says: `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)}${whole}`,
    answers: [502],
    client: 'stays',
    reused: false,
    error: 'http_protocol_error',
    errorText: 'invalid reply: too many interim responses',
  },
  overrun('146', '204 with a body', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nok', {
    answers: [204],
    reply: reply => expect([reply.body, fieldOf(reply, 'content-length')]).toEqual(['', '']),
  }),
  overrun('147', '304 with a body', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok', {
    answers: [304],
    reply: reply => expect(reply.body).toBe(''),
  }),
  overrun('147b', 'HEAD answered with a body', whole, {
    method: 'HEAD',
    reply: reply => expect([reply.body, fieldOf(reply, 'content-length')]).toEqual(['', '2']),
  }),
  ends(
    '149',
    'Connection names a field: stripped',
    `${OK}Connection: X-Up\r\nX-Up: secret\r\nKeep-Alive: timeout=9\r\nContent-Length: 2\r\n\r\nok`,
    {
      reply: reply => expect(JSON.stringify(reply.fields)).not.toMatch(/secret|keep-alive|connection/i),
    },
  ),
])
