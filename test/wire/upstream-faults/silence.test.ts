// Rows 104 to 109: upstreams that say nothing, or stop within their head; the client gets an answer in time.
// Who else is asked, and how often: test/wire/retries.test.ts.
import { testUpstreamCases, type UpstreamCase } from '../../support/upstream-case.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const failed = (
  row: string,
  what: string,
  says: string,
  after: NonNullable<UpstreamCase['after']>,
  error = 'connection_terminated',
): UpstreamCase => ({
  row,
  what,
  says,
  after,
  answers: [after === 'hold' ? 504 : 502],
  client: 'stays',
  reused: false,
  error,
})

testUpstreamCases([
  failed('104', 'no reply, FIN at once', '', 'end'),
  {
    ...failed('104b', 'no reply to POST, FIN at once', '', 'end'),
    method: 'POST',
    asks: 'Content-Length: 0\r\n',
  },
  failed('105', 'no reply, RST', '', 'reset'),
  failed('106', 'no reply, ever', '', 'hold', 'http_response_timeout'),
  failed('107', 'half a status line, then FIN', 'HTTP/1.1 2', 'end'),
  failed('108', 'a head that never ends', `${OK}X: 1\r\n`, 'hold', 'http_response_timeout'),
  failed('109', 'a head cut by FIN', `${OK}X: 1\r\n`, 'end'),
])
