// Rows 1 to 23: a body whose end two readers find in two places is a second request that one of them does not see.
import { expect, test } from 'vitest'
import { type ClientCase, testClientCases } from '../../support/client-case.ts'
import { readRequestsByLlhttp } from '../../support/fuzz/llhttp.ts'

const post = (fields: string, body = '') => `POST /f HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n${body}`
const chunked = (body: string) => post('Transfer-Encoding: chunked', body)
const length = (value: string, body = 'hello') => post(`Content-Length:${value}`, body)
const refused = (row: string, what: string, bytes: string, reason: string, status = 400): ClientCase => ({
  row,
  what,
  bytes,
  answers: [status],
  fate: 'closes',
  reason,
})

/** Whatever llhttp refuses we refuse: trailers, too. */
const FRAMING_TRAILERS = ['Content-Length: 5', 'Content-Length: 0', 'Transfer-Encoding: chunked']

test.each(FRAMING_TRAILERS)('22c llhttp refuses the trailer %s', field => {
  const { refusal } = readRequestsByLlhttp([Buffer.from(chunked(`5\r\nhello\r\n0\r\n${field}\r\n\r\n`))])
  expect(refusal).toMatch(/^HPE_/)
})

test('22c llhttp takes a trailer that only routes', () => {
  const { refusal } = readRequestsByLlhttp([Buffer.from(chunked('0\r\nHost: evil\r\nX-T: 1\r\n\r\n'))])
  expect(refusal).toBe('')
})

testClientCases([
  refused('1', 'CL and TE', post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'), 'cl_te'),
  refused('1b', 'TE and CL', post('Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'), 'cl_te'),
  refused('2', 'two different CL', post('Content-Length: 5\r\nContent-Length: 6', 'hello'), 'multi_cl'),
  refused('3', 'two identical CL', post('Content-Length: 5\r\nContent-Length: 5', 'hello'), 'multi_cl'),
  refused('4', 'a list as CL', length(' 5, 5'), 'bad_cl'),
  refused('5', 'CL +5', length(' +5'), 'bad_cl'),
  refused('6', 'CL -1', length(' -1'), 'bad_cl'),
  refused('7', 'CL 0x5', length(' 0x5'), 'bad_cl'),
  refused('8', 'CL empty', length(''), 'bad_cl'),
  refused('8b', 'CL of two words', length(' 5 5'), 'bad_cl'),
  refused('7b', 'CL 010: octal for some', length(' 010', '0123456789'), 'bad_cl'),
  refused('9', 'CL 2^64+5', length(' 18446744073709551621'), 'bad_cl'),
  refused('9b', 'CL 2^63', length(' 9223372036854775808'), 'bad_cl'),
  refused('9c', 'CL 5 behind twenty zeros', length(` ${'0'.repeat(20)}5`), 'bad_cl'),
  refused('10', 'CL 9e18', length(' 9000000000000000000', ''), 'cl_too_large', 413),
  refused('11', 'TE xchunked', post('Transfer-Encoding: xchunked', '0\r\n\r\n'), 'unknown_te', 501),
  refused('12', 'TE gzip, chunked', post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n'), 'unknown_te', 501),
  refused('12b', 'TE identity', post('Transfer-Encoding: identity', ''), 'unknown_te', 501),
  refused('13', 'TE chunked, identity', post('Transfer-Encoding: chunked, identity', '0\r\n\r\n'), 'bad_te'),
  refused('14', 'TE chunked, chunked', post('Transfer-Encoding: chunked, chunked', '0\r\n\r\n'), 'bad_te'),
  refused(
    '14b',
    'two TE fields',
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    'multi_te',
  ),
  refused('14c', 'TE ,chunked', post('Transfer-Encoding: ,chunked', '0\r\n\r\n'), 'bad_te'),
  refused('14d', 'TE empty', post('Transfer-Encoding:', '0\r\n\r\n'), 'bad_te'),
  refused('14e', 'TE chunked;q=1', post('Transfer-Encoding: chunked;q=1', '0\r\n\r\n'), 'unknown_te', 501),
  refused(
    '15',
    'TE in HTTP/1.0',
    'POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'te_in_http10',
  ),
  refused(
    '16',
    'TE with a space before its colon',
    post('Transfer-Encoding : chunked', '0\r\n\r\n'),
    'bad_field',
  ),
  refused('17', 'chunk size 0x5', chunked('0x5\r\nhello\r\n0\r\n\r\n'), 'bad_chunk'),
  refused('18', 'chunk size overflow', chunked('fffffffffffffffff\r\nhello\r\n0\r\n\r\n'), 'bad_chunk'),
  refused(
    '19',
    'chunk extension of 20 KB',
    chunked(`5;${'a'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`),
    'chunk_extension_too_large',
    413,
  ),
  refused(
    '19b',
    'chunk extensions of 5 KB together',
    chunked(`${`1;${'a'.repeat(200)}\r\nx\r\n`.repeat(25)}0\r\n\r\n`),
    'chunk_extension_too_large',
    413,
  ),
  refused('20', 'chunk extension with a bare LF', chunked('5;a\nb\r\nhello\r\n0\r\n\r\n'), 'bad_chunk'),
  refused('21', 'chunk data without CRLF', chunked('5\r\nhello0\r\n\r\n'), 'bad_chunk'),
  refused('21b', 'chunk size ended by a bare LF', chunked('5\nhello\r\n0\r\n\r\n'), 'bad_chunk'),
  refused('21c', 'chunk data ended by a bare LF', chunked('5\r\nhello\n0\r\n\r\n'), 'bad_chunk'),
  refused('21d', 'chunk size empty', chunked('\r\nhello\r\n0\r\n\r\n'), 'bad_chunk'),
  // Trailers are dropped (22; those that a route lists: ../trailers.test.ts), but first they must be fields (22b) that llhttp would take (22c): see below.
  ...FRAMING_TRAILERS.map(field =>
    refused(`22c ${field}`, 'a trailer that frames', chunked(`0\r\n${field}\r\n\r\n`), 'bad_trailer'),
  ),
  refused('22b', 'a trailer that is no field', chunked('0\r\nno colon\r\n\r\n'), 'bad_trailer'),
  {
    row: '22',
    what: 'trailers that name Host and X-Forwarded-For: dropped, never merged',
    bytes: chunked('5\r\nhello\r\n0\r\nHost: evil\r\nX-Forwarded-For: 6.6.6.6\r\nX-T: 1\r\n\r\n'),
    answers: [200],
    fate: 'stays',
    reaches: ['POST /f hello'],
    backend: ({ fields }) => expect(JSON.stringify(fields)).not.toMatch(/evil|6\.6\.6\.6|x-t"/),
  },
  {
    row: '21e',
    what: 'a chunk that turns bad after its request was let in: the backend sees it cut, the client 400',
    bytes: [chunked('5\r\nhello\r\n'), ...Array.from({ length: 40 }, () => '1\r\nx\r\n'), 'z\r\n'],
    answers: [400],
    fate: 'closes',
    reaches: [],
    record: {
      route: 'x',
      error: 'malformed_request',
      errorText: 'the chunked body is malformed (bad_chunk)',
    },
  },
  {
    row: '23',
    what: 'GET with a body of 5: forwarded with it',
    bytes: 'GET /g HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello',
    answers: [200],
    fate: 'stays',
    reaches: ['GET /g hello'],
  },
  {
    row: '23b',
    what: 'a chunked body with extensions arrives without them',
    bytes: chunked('5;a=b;c="d"\r\nhello\r\n00001\r\n!\r\n000\r\n\r\n'),
    answers: [200],
    fate: 'stays',
    reaches: ['POST /f hello!'],
  },
])
