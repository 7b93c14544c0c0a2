// Requests as they should be, in all their forms: each reaches the backend as what it is (RFC 9113 section 8.1).
import { expect, test } from 'vitest'
import { statusOf } from '../../support/http2/client.ts'
import { type Echo, echoOf, openBench } from '../../support/http2/examiner.ts'
import {
  data,
  END_HEADERS,
  END_STREAM,
  headers,
  PADDED,
  padded,
  reset,
  TYPE,
} from '../../support/http2/frame.ts'
import { block, type Field, pseudo } from '../../support/http2/hpack.ts'

const bench = openBench()
const head = (fields: readonly Field[], flags = END_HEADERS | END_STREAM): Buffer =>
  headers(1, block(fields), flags)
const trailers = (...fields: Field[]): Buffer => headers(1, block(fields))

test.each<[string, Buffer[], Partial<{ method: string; body: string }>]>([
  ['GET', [head(pseudo())], { method: 'GET', body: '' }],
  [
    'GET with an empty DATA',
    [head(pseudo(), END_HEADERS), data(1, '', END_STREAM)],
    { method: 'GET', body: '' },
  ],
  [
    'POST',
    [head(pseudo({ ':method': 'POST' }), END_HEADERS), data(1, 'test', END_STREAM)],
    { method: 'POST', body: 'test' },
  ],
  [
    'POST in pieces',
    [
      head(pseudo({ ':method': 'POST' }), END_HEADERS),
      data(1, 'te'),
      data(1),
      data(1, 'st'),
      data(1, '', END_STREAM),
    ],
    { body: 'test' },
  ],
  [
    'POST with padding',
    [
      head(pseudo({ ':method': 'POST' }), END_HEADERS),
      data(1, padded('te', 7), PADDED),
      data(1, padded('st', 255), PADDED | END_STREAM),
    ],
    { body: 'test' },
  ],
  [
    'POST with trailers',
    [head(pseudo({ ':method': 'POST' }), END_HEADERS), data(1, 'test'), trailers(['x-sum', '1'])],
    { body: 'test' },
  ],
  ['another method', [head(pseudo({ ':method': 'PROPFIND' }))], { method: 'PROPFIND' }],
])('8.1: %s is answered', async (_name, sends, seen) => {
  const client = await bench.open()
  client.send(...sends)
  expect(await echoOf(client, 1)).toMatchObject({ url: '/', ...seen })
  client.destroy()
})

test('8.1: trailers become no fields of the request', async () => {
  const client = await bench.open()
  client.send(head(pseudo({ ':method': 'POST' }), END_HEADERS), data(1, 'test'), trailers(['x-sum', '1']))
  const { rawHeaders, body } = await echoOf(client, 1)
  expect(body).toBe('test')
  expect(rawHeaders.join('\n')).not.toMatch(/x-sum/)
  client.destroy()
})

// RFC 9110 section 6.5.1: they have no meaning there; to refuse them is as good as to forget them.
test.each<Field>([
  ['content-length', '99'],
  ['host', 'evil.test'],
  ['authorization', 'Basic 99'],
  ['te', 'trailers'],
])('RFC 9110 6.5.1: %s in trailers means nothing', async (name, value) => {
  const client = await bench.open()
  client.send(head(pseudo({ ':method': 'POST' }), END_HEADERS), data(1, 'test'), trailers([name, value]))
  const answer = await client.answer(1)
  if (answer.reset !== '') return expect(answer.reset).toBe('PROTOCOL_ERROR')
  const { rawHeaders, rawTrailers, body } = JSON.parse(answer.body) as Echo
  expect(body).toBe('test')
  expect([...rawHeaders, ...rawTrailers]).not.toContain(value)
  client.destroy()
})

test.each([
  ['HEAD', '/', 'HEAD', '200'],
  ['204', '/204', 'GET', '204'],
  ['304', '/304', 'GET', '304'],
])('8.1: an answer to or of %s ends with its head', async (_name, path, method, status) => {
  const client = await bench.open()
  client.request(1, pseudo({ ':method': method, ':path': path }))
  const answer = await client.answer(1)
  expect([statusOf(answer), answer.body, answer.ended]).toEqual([status, '', true])
  expect(client.frames.filter(it => it.stream === 1).map(it => it.type)).toEqual([TYPE.HEADERS])
  client.destroy()
})

test('8.1: the whole answer before the whole request is no error: RST_STREAM NO_ERROR', async () => {
  const client = await bench.open()
  client.request(1, pseudo({ ':method': 'POST', ':path': '/early' }), 0)
  expect(await client.answer(1)).toMatchObject({ body: 'enough', ended: true })
  expect(await client.fateAfterEnd(1)).toBe('RST NO_ERROR')
  client.send(data(1, 'late'), reset(1))
  expect(await client.outcome(3)).toBe('nothing')
  client.destroy()
})
