// The gate's own messages: without these a strict client would turn away what lax ones take (RFC 9113 section 8).
import { expect, test } from 'vitest'
import { statusOf } from '../../support/http2/client.ts'
import { echoOf, openBench } from '../../support/http2/examiner.ts'
import { data, END_STREAM, SETTING, settingsOf, TYPE, windowUpdate } from '../../support/http2/frame.ts'
import { type Field, pseudo } from '../../support/http2/hpack.ts'

const bench = openBench()

async function ask(path: string, method = 'GET', ...more: Field[]) {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, 2 ** 30]))
  client.send(windowUpdate(0, 2 ** 30))
  client.request(1, [...pseudo({ ':method': method, ':path': path }), ...more])
  const answer = await client.answer(1)
  expect(client.fault).toBeUndefined()
  client.destroy()
  return { client, answer, fields: answer.heads[0]! }
}

const CONNECTION_FIELDS = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'x-hop',
]

test.each(['/', '/hops', '/fat', '/large', '/trailers', '/204', '/304', '/hints'])(
  '8.2: the heads of the answer to %s are well-formed',
  async path => {
    const { answer } = await ask(path)
    for (const head of answer.heads) {
      const names = head.map(([name]) => name)
      expect(names.filter(name => name !== name.toLowerCase() || name === '')).toEqual([])
      expect(names.filter(name => CONNECTION_FIELDS.includes(name))).toEqual([])
      expect(names.slice(1).filter(name => name.startsWith(':'))).toEqual([])
      for (const [, value] of head) expect(value).not.toMatch(/[\0\r\n]|^[ \t]|[ \t]$/)
    }
    expect(answer.heads[0]![0]![0]).toBe(':status')
  },
)

test('8.1: Content-Length is what comes as DATA', async () => {
  const { answer, fields } = await ask('/five')
  expect([fields.find(([name]) => name === 'content-length')?.[1], answer.body]).toEqual(['5', '12345'])
})

test('8.1: an interim answer comes before the answer, and does not end the stream', async () => {
  const { answer, client } = await ask('/hints')
  expect(answer.heads.map(head => head[0]![1])).toEqual(['103', '200'])
  expect(answer.body).toBe('ok')
  const [first] = client.frames.filter(({ type }) => type === TYPE.HEADERS)
  expect(first!.flags & END_STREAM).toBe(0)
})

test('8.1: trailers come last, without pseudo-fields, and end the stream', async () => {
  const { answer, client } = await ask('/trailers')
  expect([answer.body, answer.heads.at(-1)]).toEqual(['body', [['x-sum', '42']]])
  const last = client.frames.findLast(({ stream }) => stream === 1)!
  expect([last.type, last.flags & END_STREAM]).toEqual([TYPE.HEADERS, END_STREAM])
})

test('8.1: an answer that breaks off is reset, never ended', async () => {
  const { answer } = await ask('/cut')
  expect([answer.ended, answer.reset]).toEqual([false, 'INTERNAL_ERROR'])
})

test('RFC 9110 10.1.1: who expects 100 is told to go on', async () => {
  const client = await bench.open()
  client.request(
    1,
    [...pseudo({ ':method': 'POST' }), ['expect', '100-continue'], ['content-length', '4']],
    0,
  )
  const interim = await client.find(({ type, stream }) => type === TYPE.HEADERS && stream === 1)
  expect(interim!.flags & END_STREAM).toBe(0)
  client.send(data(1, 'test', END_STREAM))
  const { body } = await echoOf(client, 1)
  const answer = await client.answer(1)
  expect([answer.heads[0]![0], statusOf(answer), body]).toEqual([[':status', '100'], '200', 'test'])
  client.destroy()
})

test('8.2.3: crumbs of cookie are one field again', async () => {
  const client = await bench.open()
  client.request(1, [...pseudo(), ['cookie', 'a=1'], ['x-a', '1'], ['cookie', 'b=2']])
  const { rawHeaders } = await echoOf(client, 1)
  expect(rawHeaders.filter(it => it.toLowerCase() === 'cookie')).toHaveLength(1)
  expect(rawHeaders).toContain('a=1; b=2')
  client.destroy()
})

test('8.3.1: :authority is the Host of the backend, and the target its own', async () => {
  const client = await bench.open()
  client.request(1, pseudo({ ':path': '/a/b?c=%20d&e', ':authority': 'APP.test:443' }))
  const { url, rawHeaders } = await echoOf(client, 1)
  expect([url, rawHeaders[rawHeaders.findIndex(it => /^host$/i.test(it)) + 1]]).toEqual([
    '/a/b?c=%20d&e',
    'APP.test:443',
  ])
  client.destroy()
})

test('8.3.1: OPTIONS * has no path', async () => {
  const { answer } = await ask('*', 'OPTIONS')
  expect(statusOf(answer)).toBe('200')
})

test('8.5: CONNECT is answered, and nobody is dialled', async () => {
  const before = bench.upstream.hits
  const client = await bench.open()
  client.request(
    1,
    [
      [':method', 'CONNECT'],
      [':authority', `127.0.0.1:${bench.upstream.port}`],
    ],
    0,
  )
  expect(['405', 'RST PROTOCOL_ERROR', 'RST CONNECT_ERROR']).toContain(await client.fate(1))
  expect(bench.upstream.hits).toBe(before)
  client.destroy()
})

test('8.1: a hundred streams at once are answered each with its own', async () => {
  const client = await bench.open()
  const streams = Array.from({ length: 100 }, (_, i) => 2 * i + 1)
  for (const stream of streams) client.request(stream, pseudo({ ':path': `/echo/${stream}` }))
  for (const stream of streams) expect((await echoOf(client, stream)).url).toBe(`/echo/${stream}`)
  client.destroy()
})

test('4.3: heads of more than a frame come in one piece each, among other answers', async () => {
  const client = await bench.open(settingsOf([SETTING.INITIAL_WINDOW_SIZE, 2 ** 30]))
  client.send(windowUpdate(0, 2 ** 30))
  const paths = ['/fat', '/large', '/fat', '/five', '/fat', '/large']
  for (const [i, path] of paths.entries()) client.request(2 * i + 1, pseudo({ ':path': path }))
  for (const [i, path] of paths.entries()) {
    const { heads, ended } = await client.answer(2 * i + 1)
    const long = heads[0]!.find(([name]) => name === 'x-long')?.[1].length
    expect([path, ended, long]).toEqual([path, true, path === '/fat' ? 20_000 : undefined])
  }
  expect(client.frames.some(({ type }) => type === TYPE.CONTINUATION)).toBe(true)
  expect(client.fault).toBeUndefined()
  client.destroy()
})
