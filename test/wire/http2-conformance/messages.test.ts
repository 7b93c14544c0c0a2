// What is a request and what is not: without these HTTP/2 would carry a second request into HTTP/1 (RFC 9113 section 8).
import { expect, test } from 'vitest'
import { type FrameCase, openBench, testFrameCases } from '../../support/http2/examiner.ts'
import { data, END_HEADERS, END_STREAM, headers, PADDED, padded } from '../../support/http2/frame.ts'
import { block, type Field, pseudo } from '../../support/http2/hpack.ts'

const bench = openBench()
/** A malformed request is a stream error (section 8.1.1); section 5.4.1 lets any be the connection's, which we do not. */
const MALFORMED = ['RST PROTOCOL_ERROR']
const GOOD = ['nothing']
/** Asks for what never comes: all that is looked at is whether it is taken. */
const mute = (...more: Field[]): Field[] => [...pseudo({ ':path': '/mute' }), ...more]
const head = (fields: readonly Field[], flags = END_HEADERS | END_STREAM): Buffer =>
  headers(1, block(fields), flags)
const without = (name: string): Field[] => pseudo({ ':path': '/mute', [name]: undefined })
const posted = (...more: Field[]): Buffer =>
  head([...pseudo({ ':path': '/mute', ':method': 'POST' }), ...more], END_HEADERS)
const trailers = (...fields: Field[]): Buffer => headers(1, block(fields))

const pseudoFields: FrameCase[] = [
  { rule: '8.3', what: 'an unknown pseudo-field', sends: [head(mute([':test', 'x']))], permits: MALFORMED },
  { rule: '8.3', what: ':status in a request', sends: [head(mute([':status', '200']))], permits: MALFORMED },
  {
    rule: '8.3',
    what: 'a pseudo-field after a field',
    sends: [head([['x-a', '1'], ...mute()])],
    permits: MALFORMED,
  },
  {
    rule: '8.3',
    what: 'one pseudo-field after a field',
    sends: [head([...without(':path'), ['x-a', '1'], [':path', '/mute']])],
    permits: MALFORMED,
  },
  { rule: '8.3.1', what: 'an empty :path', sends: [head(pseudo({ ':path': '' }))], permits: MALFORMED },
  ...[':method', ':scheme', ':path'].map(
    (name): FrameCase => ({
      rule: '8.3.1',
      what: `no ${name}`,
      sends: [head(without(name))],
      permits: MALFORMED,
    }),
  ),
  ...mute().map(
    ([name, value]): FrameCase => ({
      rule: '8.3.1',
      what: `two ${name}`,
      sends: [head([[name, value], ...mute()])],
      permits: MALFORMED,
    }),
  ),
  { rule: '8.3.1', what: 'no pseudo-field at all', sends: [head([['x-a', '1']])], permits: MALFORMED },
  { rule: '8.3.1', what: 'an empty head', sends: [headers(1, Buffer.alloc(0))], permits: MALFORMED },
  {
    rule: '8.3.1',
    what: 'Host in place of :authority',
    sends: [head([...without(':authority'), ['host', 'app.test']])],
    permits: GOOD,
  },
  { rule: '8.3.1', what: 'pseudo-fields in another order', sends: [head(mute().reverse())], permits: GOOD },
  {
    rule: '8.5',
    what: 'CONNECT with :path and :scheme',
    sends: [head(pseudo({ ':method': 'CONNECT' }))],
    permits: MALFORMED,
  },
  {
    rule: '8.5',
    what: 'CONNECT without :authority',
    sends: [head([[':method', 'CONNECT']])],
    permits: MALFORMED,
  },
  {
    rule: 'RFC 8441 4',
    what: ':protocol without CONNECT',
    sends: [head(mute([':protocol', 'websocket']))],
    permits: MALFORMED,
  },
  {
    rule: 'RFC 8441 4',
    what: ':protocol without :path',
    sends: [
      head([
        [':method', 'CONNECT'],
        [':protocol', 'websocket'],
        [':scheme', 'https'],
        [':authority', 'app.test'],
      ]),
    ],
    permits: MALFORMED,
  },
]
const name = (it: string): FrameCase => ({
  rule: '8.2.1',
  what: `the name ${JSON.stringify(it)}`,
  sends: [head(mute([it, '1']))],
  permits: MALFORMED,
})
const value = (it: string): FrameCase => ({
  rule: '8.2.1',
  what: `the value ${JSON.stringify(it)}`,
  sends: [head(mute(['x-a', it]))],
  permits: MALFORMED,
})
const fields: FrameCase[] = [
  ...[
    'X-Test',
    'x-Test',
    '',
    'x a',
    ' x',
    'x:a',
    'x\0',
    'x\r\ny',
    'x\x7f',
    'x\x80',
    'x\u00ff',
    'x(',
    'x"',
    'x/y',
    ':',
  ].map(name),
  ...['a\0b', 'a\r\nb: c', 'a\nb', 'a\rb', '\n', '\r', '\0'].map(value),
  ...['connection', 'proxy-connection', 'keep-alive', 'transfer-encoding', 'upgrade'].map(
    (it): FrameCase => ({ rule: '8.2.2', what: it, sends: [head(mute([it, 'x']))], permits: MALFORMED }),
  ),
  {
    rule: '8.2.2',
    what: 'te that is not trailers',
    sends: [head(mute(['te', 'trailers, deflate;q=0.5']))],
    permits: MALFORMED,
  },
  { rule: '8.2.2', what: 'te: trailers', sends: [head(mute(['te', 'trailers']))], permits: GOOD },
]
const lengths: FrameCase[] = [
  {
    rule: '8.1.1',
    what: 'more DATA than Content-Length',
    sends: [posted(['content-length', '1']), data(1, 'test', END_STREAM)],
    permits: MALFORMED,
  },
  {
    rule: '8.1.1',
    what: 'more DATA than Content-Length, in pieces',
    sends: [posted(['content-length', '7']), data(1, 'test'), data(1, 'test', END_STREAM)],
    permits: MALFORMED,
  },
  {
    rule: '8.1.1',
    what: 'more DATA than Content-Length that goes on',
    sends: [posted(['content-length', '1']), data(1, 'test')],
    permits: MALFORMED,
  },
  {
    rule: '8.1.1',
    what: 'less DATA than Content-Length',
    sends: [posted(['content-length', '9']), data(1, 'test', END_STREAM)],
    permits: MALFORMED,
  },
  {
    rule: '8.1.1',
    what: 'less DATA than Content-Length, then trailers',
    sends: [posted(['content-length', '9']), data(1, 'test'), trailers(['x-sum', '1'])],
    permits: MALFORMED,
  },
  {
    rule: '8.1.1',
    what: 'an empty DATA in place of Content-Length',
    sends: [posted(['content-length', '9']), data(1, '', END_STREAM)],
    permits: MALFORMED,
  },
  {
    rule: '8.1.1',
    what: 'Content-Length and no DATA at all',
    sends: [head(mute(['content-length', '5']))],
    permits: MALFORMED,
  },
  {
    rule: '8.1.1',
    what: 'DATA after Content-Length 0',
    sends: [posted(['content-length', '0']), data(1, 'a', END_STREAM)],
    permits: MALFORMED,
  },
  {
    rule: '8.1.1',
    what: 'padding that makes up for what is missing',
    sends: [posted(['content-length', '5']), data(1, padded('test', 1), PADDED | END_STREAM)],
    permits: MALFORMED,
  },
  {
    rule: '8.1.1',
    what: 'DATA as long as Content-Length, padded',
    sends: [posted(['content-length', '4']), data(1, padded('test', 9), PADDED | END_STREAM)],
    permits: GOOD,
  },
  {
    rule: '8.1.1',
    what: 'Content-Length 0, then an empty DATA',
    sends: [posted(['content-length', '0']), data(1, '', END_STREAM)],
    permits: GOOD,
  },
  {
    rule: '8.1.1',
    what: 'Content-Length 0 and no DATA',
    sends: [head(mute(['content-length', '0']))],
    permits: GOOD,
  },
]
const ends: FrameCase[] = [
  {
    rule: '8.1',
    what: 'a second HEADERS without END_STREAM',
    sends: [posted(), headers(1, block([['x-a', '1']]), END_HEADERS)],
    permits: MALFORMED,
  },
  {
    rule: '8.1',
    what: 'a second request on the stream',
    sends: [posted(), head(mute())],
    permits: MALFORMED,
  },
  {
    rule: '8.1',
    what: 'pseudo-fields in trailers',
    sends: [posted(), trailers([':method', 'GET'])],
    permits: MALFORMED,
  },
  {
    rule: '8.1',
    what: ':status in trailers',
    sends: [posted(), trailers([':status', '200'])],
    permits: MALFORMED,
  },
  {
    rule: '8.1',
    what: 'an upper-case name in trailers',
    sends: [posted(), trailers(['X-A', '1'])],
    permits: MALFORMED,
  },
  {
    rule: '8.1',
    what: 'a line feed in trailers',
    sends: [posted(), trailers(['x-a', 'a\nb'])],
    permits: MALFORMED,
  },
  {
    rule: '8.1',
    what: 'connection in trailers',
    sends: [posted(), trailers(['connection', 'close'])],
    permits: MALFORMED,
  },
  {
    rule: '8.1',
    what: 'trailers without a field',
    sends: [posted(), headers(1, Buffer.alloc(0))],
    permits: GOOD,
  },
]
testFrameCases(bench, [...pseudoFields, ...fields, ...lengths, ...ends])

test('8.1: a malformed request reaches no backend, and none after it on the connection is hurt', async () => {
  const client = await bench.open()
  const before = bench.upstream.hits
  client.request(1, [...pseudo(), ['connection', 'close']])
  expect(await client.fate(1)).toBe('RST PROTOCOL_ERROR')
  client.request(3, pseudo())
  expect(await client.fate(3)).toBe('200')
  expect(bench.upstream.hits - before).toBe(1)
  client.destroy()
})
