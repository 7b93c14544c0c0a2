// Every way known to us to make two readers disagree where a request ends; and what a strict one forwards of it.

export interface DesyncCase {
  what: string
  /** Behind them stands one more request, `GET /last`, which closes the connection. */
  bytes: string
  /** `METHOD target body` of what may reach a backend beside `/last`; by default nothing. */
  forwards: string[]
}

const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
const CHUNKS = '5\r\nhello\r\n0\r\n\r\n'
const post = (fields: string, body: string, line = 'POST /d HTTP/1.1') =>
  `${line}\r\nHost: x\r\n${fields}\r\n\r\n${body}`
const shown = (text: string) => JSON.stringify(text).slice(1, -1)

function cases(
  group: string,
  accepted: boolean,
  list: readonly string[],
  make: (item: string) => [string, string[]],
): DesyncCase[] {
  return list.map(item => {
    const [bytes, forwards] = make(item)
    return { what: `${group} ${shown(item)}`, bytes, forwards: accepted ? forwards : [] }
  })
}

const LENGTHS = ['5', ' 5 ', '\t5\t']
const BAD_LENGTHS = [
  '05',
  '010',
  '+5',
  '-5',
  '5,5',
  '5, 6',
  '0x5',
  '5;',
  '5.0',
  '5e0',
  '\uff15',
  '',
  '"5"',
  '5 5',
  '5\x0b',
  '\x0c5',
  '5\0',
  '5\x85',
  '5\xa0',
  "'5'",
  '5\r\n 5',
  '99999999999999999999',
  'five',
  '5\rX: y',
  '5\nX: y',
  '#5',
  '5/1',
]
const CODINGS = ['chunked', 'Chunked', 'CHUNKED', '  chunked', '\tchunked', 'chunked ', 'chunked\t']
const BAD_CODINGS = [
  'chunked,',
  ',chunked',
  'chunked,chunked',
  'chunked, identity',
  'identity, chunked',
  'gzip, chunked',
  'xchunked',
  'chunkedx',
  'chunked;q=1',
  '"chunked"',
  "'chunked'",
  'chu nked',
  'c\0hunked',
  '\x0bchunked',
  'chunked\x0b',
  'chunked\x0c',
  'identity',
  '',
  'chunked\xa0',
  '\xa0chunked',
  'chunked\r\n ',
  '\r\n chunked',
  '\r\n\tchunked',
  'chunked\r',
  '\rchunked',
  'chunked\x7f',
  'cow',
  'chunked chunked',
  'chunked\x85',
  '\xefchunked',
  'chunked\\',
  '[chunked]',
  'trailers, chunked',
  'chunked\nX: y',
  'null',
  'false',
]
const CODING_NAMES = ['Transfer-Encoding', 'transfer-encoding', 'TRANSFER-ENCODING', 'tRaNsFeR-eNcOdInG']
const BAD_CODING_NAMES = [
  'Transfer-Encoding ',
  'Transfer-Encoding\t',
  ' Transfer-Encoding',
  '\tTransfer-Encoding',
  'Transfer_Encoding',
  'Transfer.Encoding',
  'Transfer-Encoding\0',
  'Transfer-\r\n Encoding',
  'X: y\r\n Transfer-Encoding',
  'Transfer\x0b-Encoding',
  '"Transfer-Encoding"',
  'X: y\rTransfer-Encoding',
  'X: y\nTransfer-Encoding',
  'Transfer-Encoding\x0b',
  '\xefTransfer-Encoding',
  'Transfer-Encoding\xa0',
  'Transfer Encoding',
  ':Transfer-Encoding',
  'Transfer-Encoding:',
  'Transfer-Encoding\r\n',
]
const SIZES = ['5', '05', '0000005', '5;ext', '5;a=b', '5;a="b;c"', '5;a;b=c']
const BAD_SIZES = [
  '5 ',
  '5\t',
  ' 5',
  '+5',
  '-5',
  '0x5',
  '5x',
  'x',
  '',
  '5;',
  '5;;',
  '5 ;a',
  '5; a',
  '5;a= b',
  '5;a="b',
  '5;a=b"',
  '5;a\0',
  '5\r',
  '5\n',
  '5;a\n',
  '5;\r',
  'ffffffffffffffff5',
  '10000000000000005',
  '5,5',
  '\uff15',
  '5.0',
  '5h',
  '5;a=\x7f',
  '5\x0b',
  '5;a="\\',
  '5 5',
]
const BAD_CHUNK_ENDS = ['\n', '\r', '', 'xx', '\r\r\n', '\n\r', '\r\nx', ' \r\n', '\0\0']
const LASTS = [
  '0\r\n\r\n',
  '000\r\n\r\n',
  '0;a=b\r\n\r\n',
  '0\r\nX: 1\r\n\r\n',
  '0\r\nHost: evil\r\nX: 1\r\n\r\n',
]
const BAD_LASTS = [
  '0\n\n',
  '0\r\n\n',
  '0\r\n \r\n\r\n',
  '0\r\nX\r\n\r\n',
  '0\r\nContent-Length: 5\r\n\r\n',
  '0\r\nTransfer-Encoding: chunked\r\n\r\n',
  '0\r\nX : 1\r\n\r\n',
  '0\r\nX: 1\r\n y\r\n\r\n',
  '0\r\nX: a\0\r\n\r\n',
  '0\r\nX: a\n\r\n',
  '-0\r\n\r\n',
  '0x0\r\n\r\n',
  '0 \r\n\r\n',
  '0\r\nGET /smuggled HTTP/1.1\r\n\r\n',
]
const BAD_LINES = [
  'POST /d',
  'POST /d HTTP/0.9',
  'POST /d HTTP/1.2',
  'POST /d HTTP/2.0',
  'POST /d HTTP/1.1 ',
  'POST  /d HTTP/1.1',
  'POST /d  HTTP/1.1',
  'POST\t/d\tHTTP/1.1',
  'POST /d HTTP/1.1\t',
  'POST /d http/1.1',
  'POST /d HTTP/1.1x',
  'POST /d HTTP/11',
  'POST /d HTTP/1,1',
  ' POST /d HTTP/1.1',
  'post /d HTTP/1.1',
  'POST /d\x0b HTTP/1.1',
  'POST /d HTTP/1.1\r',
  'POST /d#f HTTP/1.1',
  'POST http://evil/d HTTP/1.1',
  'POST http://x@evil/d HTTP/1.1',
  'POST file:///d HTTP/1.1',
  'POST x:80 HTTP/1.1',
  'POST * HTTP/1.1',
  'POST /d\xe9 HTTP/1.1',
  'POST /d /smuggled HTTP/1.1',
  'P(ST /d HTTP/1.1',
  '\0POST /d HTTP/1.1',
  'CONNECT x:80 HTTP/1.1',
]
const BAD_FIELDS = [
  'Host: evil',
  'Host : evil',
  'Host\t: evil',
  ' Host: evil',
  'X: y\r\n Host: evil',
  'X',
  'X Y: 1',
  ': 1',
  'X\xe9: 1',
  'X: a\0',
  'X: a\rb',
  'X: a\nHost: evil',
  'X: a\x01',
  'X: a\x7f',
  'X[1]: a',
  '(X): a',
  'X\\Y: a',
  'X\r: a',
  'Content_Length: 5',
  'content.length: 5',
  'Transfer_Encoding: chunked',
  'GET /smuggled HTTP/1.1',
]
/** Well-formed, but not to be passed on: guard answers them. */
const CONNECTION_NAMES = [
  'content-length',
  'Transfer-Encoding',
  'host',
  'close, Content-Length',
  'x-forwarded-for, Via',
]

export function desyncCases(): DesyncCase[] {
  const length = (fields: string) => post(fields, `hello${SMUGGLED}`)
  const two = ['POST /d hello', 'GET /smuggled']
  return [
    ...cases('Content-Length', true, LENGTHS, it => [length(`Content-Length:${it}`), two]),
    ...cases('Content-Length', false, BAD_LENGTHS, it => [length(`Content-Length: ${it}`), two]),
    ...cases('two Content-Length', false, ['5', '6', '0', '05', ''], it => [
      length(`Content-Length: 5\r\ncontent-length: ${it}`),
      two,
    ]),
    ...cases('Transfer-Encoding', true, CODINGS, it => [
      post(`Transfer-Encoding:${it}`, CHUNKS + SMUGGLED),
      two,
    ]),
    ...cases('Transfer-Encoding', false, BAD_CODINGS, it => [
      post(`Transfer-Encoding: ${it}`, CHUNKS + SMUGGLED),
      two,
    ]),
    ...cases('two Transfer-Encoding', false, ['chunked', 'identity', 'x', ''], it => [
      post(`Transfer-Encoding: chunked\r\nTransfer-encoding: ${it}`, CHUNKS + SMUGGLED),
      two,
    ]),
    ...cases('named', true, CODING_NAMES, it => [post(`${it}: chunked`, CHUNKS + SMUGGLED), two]),
    ...cases('named', false, BAD_CODING_NAMES, it => [post(`${it}: chunked`, CHUNKS + SMUGGLED), two]),
    // The length covers the chunks and what they hide; the chunks cover less than the length.
    ...cases('length beside', false, [...CODINGS, ...BAD_CODINGS], it => [
      post(`Content-Length: ${CHUNKS.length}\r\nTransfer-Encoding: ${it}`, CHUNKS + SMUGGLED),
      two,
    ]),
    ...cases('length behind', false, [...CODING_NAMES, ...BAD_CODING_NAMES], it => [
      post(`${it}: chunked\r\nContent-Length: 6`, `0\r\n\r\nG${SMUGGLED}`),
      two,
    ]),
    ...cases('chunk size', true, SIZES, it => [chunks(`${it}\r\nhello\r\n0\r\n\r\n`), two]),
    ...cases('chunk size', false, BAD_SIZES, it => [chunks(`${it}\r\nhello\r\n0\r\n\r\n`), two]),
    ...cases('chunk end', false, BAD_CHUNK_ENDS, it => [chunks(`5\r\nhello${it}0\r\n\r\n`), two]),
    ...cases('last chunk', true, LASTS, it => [chunks(`5\r\nhello\r\n${it}`), two]),
    ...cases('last chunk', false, BAD_LASTS, it => [chunks(`5\r\nhello\r\n${it}`), two]),
    ...cases('line', false, BAD_LINES, it => [post('Content-Length: 5', `hello${SMUGGLED}`, it), two]),
    ...cases('field', false, BAD_FIELDS, it => [length(`${it}\r\nContent-Length: 5`), two]),
    ...cases('last field', false, BAD_FIELDS, it => [length(`Content-Length: 5\r\n${it}`), two]),
    ...cases('head end', false, ['\n\n', '\r\n\n', '\n\r\n', '\r\r\n\r\n', '\r\n \r\n'], it => [
      `POST /d HTTP/1.1\r\nHost: x\r\nContent-Length: 5${it}hello${SMUGGLED}`,
      two,
    ]),
    ...CONNECTION_NAMES.map(name => ({
      what: `Connection: ${name}`,
      bytes: post(`Connection: ${name}\r\nContent-Length: 5`, 'hello'),
      forwards: [],
    })),
    ...others(),
  ]
}

const chunks = (body: string) => post('Transfer-Encoding: chunked', body + SMUGGLED)

/** Sound, however odd; or cut by us where they end. */
function others(): DesyncCase[] {
  const one = (what: string, bytes: string, ...forwards: string[]): DesyncCase => ({ what, bytes, forwards })
  return [
    one('two pipelined', SMUGGLED + SMUGGLED, 'GET /smuggled', 'GET /smuggled'),
    one('a request as body', post(`Content-Length: ${SMUGGLED.length}`, SMUGGLED), `POST /d ${SMUGGLED}`),
    one(
      'a request as chunk',
      post('Transfer-Encoding: chunked', `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`),
      `POST /d ${SMUGGLED}`,
    ),
    one('GET with a body', post('Content-Length: 5', 'hello', 'GET /d HTTP/1.1'), 'GET /d hello'),
    one(
      'GET with a chunked body',
      post('Transfer-Encoding: chunked', CHUNKS, 'GET /d HTTP/1.1'),
      'GET /d hello',
    ),
    one('HEAD with a body', post('Content-Length: 5', 'hello', 'HEAD /d HTTP/1.1'), 'HEAD /d hello'),
    one('DELETE with a body', post('Content-Length: 5', 'hello', 'DELETE /d HTTP/1.1'), 'DELETE /d hello'),
    one(
      'Connection: X-Forwarded-For',
      post('Connection: X-Forwarded-For\r\nX-Forwarded-For: 1\r\nContent-Length: 5', `hello${SMUGGLED}`),
      'POST /d hello',
      'GET /smuggled',
    ),
    one('an empty body', post('Content-Length: 0', SMUGGLED), 'POST /d', 'GET /smuggled'),
    one(
      'an empty chunked body',
      post('Transfer-Encoding: chunked', `0\r\n\r\n${SMUGGLED}`),
      'POST /d',
      'GET /smuggled',
    ),
    one('a body without a length is none', post('X: 1', SMUGGLED), 'POST /d', 'GET /smuggled'),
    one(
      'Connection: close, then more',
      post('Connection: close\r\nContent-Length: 5', `hello${SMUGGLED}`),
      'POST /d hello',
    ),
    one(
      'HTTP/1.0, then more',
      post('Content-Length: 5', `hello${SMUGGLED}`, 'POST /d HTTP/1.0'),
      'POST /d hello',
    ),
    one(
      'HTTP/1.0 kept alive, then more',
      post('Connection: keep-alive\r\nContent-Length: 5', `hello${SMUGGLED}`, 'POST /d HTTP/1.0'),
      'POST /d hello',
      'GET /smuggled',
    ),
    one('HTTP/1.0 with chunks', post('Transfer-Encoding: chunked', CHUNKS + SMUGGLED, 'POST /d HTTP/1.0')),
    one('HTTP/0.9', `GET /d\r\n${SMUGGLED}`),
    one(
      'absolute form that agrees',
      post('Content-Length: 5', 'hello', 'POST http://x/d HTTP/1.1'),
      'POST /d hello',
    ),
    one('TRACE with a body', post('Content-Length: 5', 'hello', 'TRACE /d HTTP/1.1')),
    one('OPTIONS * with a body', post('Content-Length: 5', 'hello', 'OPTIONS * HTTP/1.1')),
    one(
      'Upgrade: h2c with a body',
      post('Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5', 'hello'),
      'POST /d hello',
    ),
    one('garbage behind the body', post('Content-Length: 5', 'hello\0\0\0\r\n\r\n'), 'POST /d hello'),
    one(
      'an empty line behind the body',
      post('Content-Length: 5', `hello\r\n${SMUGGLED}`),
      'POST /d hello',
      'GET /smuggled',
    ),
    one(
      'two empty lines behind the body',
      post('Content-Length: 5', `hello\r\n\r\n${SMUGGLED}`),
      'POST /d hello',
    ),
    one(
      'Expect with a body at once',
      post('Expect: 100-continue\r\nContent-Length: 5', 'hello'),
      'POST /d hello',
    ),
    one('HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    one(
      'unknown method before a body',
      post('Content-Length: 5', 'hello', 'FOO /d HTTP/1.1'),
      'FOO /d hello',
    ),
  ]
}
