// A body that a slow client draws through a small window is the whole body, wherever it comes from; half would pass for whole.
import { createServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../../support/certificate.ts'
import { startGate, type TestGate } from '../../support/gate.ts'
import { FrameClient } from '../../support/http2/client.ts'
import { SETTING, settingsOf, TYPE, windowUpdate } from '../../support/http2/frame.ts'
import { pseudo } from '../../support/http2/hpack.ts'
import { startRawUpstream, type TestUpstream } from '../../support/upstream.ts'

/** Each place can be told from each other. */
const TEXT = Array.from({ length: 30_000 }, (_, i) => `${i} `).join('')
const PIECES = TEXT.match(/.{1,100}/gs)!

let upstream: TestUpstream
/** Requests that a connection has had its answers to. */
const answered = new WeakMap<Socket, number>()
let gate: TestGate
const h2 = createServer((request, response) => {
  response.writeHead(200)
  if (request.url === '/length') return response.end(TEXT)
  for (const piece of PIECES) response.write(piece)
  response.end()
})

/** In one write: a reader that is told to wait after a chunk has the others in its hands. */
function replyTo(head: string): string {
  const fresh = head.includes('/cached') ? 'cache-control: max-age=60\r\n' : ''
  const start = `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n${fresh}`
  if (head.includes('/length')) return `${start}content-length: ${TEXT.length}\r\n\r\n${TEXT}`
  const chunks = PIECES.map(piece => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('')
  return `${start}transfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`
}

beforeAll(async () => {
  upstream = await startRawUpstream((socket, received) => {
    const heads = received.split('\r\n\r\n').slice(0, -1)
    for (const head of heads.slice(answered.get(socket) ?? 0)) socket.write(replyTo(head))
    answered.set(socket, heads.length)
  })
  await new Promise<void>(resolve => h2.listen(0, '127.0.0.1', resolve))
  const to = `127.0.0.1:${upstream.port}`
  const yaml = `routes:
  app.test: ${to}
  app.test/packed/*: { to: ['${to}'], compress: true }
  app.test/cached/*: { to: ['${to}'], cache: true }
  h2.test: h2c://127.0.0.1:${(h2.address() as AddressInfo).port}
`
  gate = await startGate(yaml, [await makeCertificate(['app.test', 'h2.test'])])
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
  await new Promise(resolve => h2.close(resolve))
})

interface Way {
  what: string
  path: string
  authority?: string
  packed?: boolean
}

const ways: Way[] = [
  { what: 'of a known length', path: '/length' },
  { what: 'in chunks that came at once', path: '/chunks' },
  { what: 'compressed on its way', path: '/packed/length', packed: true },
  { what: 'in chunks, compressed on its way', path: '/packed/chunks', packed: true },
  { what: 'that fills the cache', path: '/cached/length' },
  { what: 'in chunks that fills the cache', path: '/cached/chunks' },
  { what: 'out of the cache', path: '/cached/length' },
  { what: 'of an HTTP/2 upstream', path: '/length', authority: 'h2.test' },
  { what: 'in pieces of an HTTP/2 upstream', path: '/pieces', authority: 'h2.test' },
]

test.each(ways.flatMap(way => [100, 5000].map(step => ({ ...way, step }))))(
  'a body $what comes whole, $step octets at a time',
  async ({ path, authority = 'app.test', packed = false, step }) => {
    const client = await FrameClient.open(gate.https, {
      settings: settingsOf([SETTING.INITIAL_WINDOW_SIZE, step]),
    })
    client.send(windowUpdate(0, 2 ** 30))
    const fields = pseudo({ ':path': path, ':authority': authority })
    client.request(1, packed ? [...fields, ['accept-encoding', 'gzip']] : fields)
    // Each DATA is paid back, a few octets more than it took so that the pace changes.
    let open = step
    for (let i = 0; ; i++) {
      const got = await client.find(it => it.stream === 1, i)
      i = client.frames.indexOf(got!)
      if (got === undefined || got.type === TYPE.RST_STREAM || (got.flags & 1) !== 0) break
      if (got.type !== TYPE.DATA) continue
      open -= got.payload.length
      expect(open).toBeGreaterThanOrEqual(0)
      client.send(windowUpdate(1, got.payload.length + 7))
      open += got.payload.length + 7
    }
    const { body, ended, reset } = await client.answer(1)
    const bytes = Buffer.from(body, 'latin1')
    const text = packed ? gunzipSync(bytes).toString() : body
    expect([text.length, text === TEXT, ended, reset]).toEqual([TEXT.length, true, true, ''])
    client.destroy()
  },
)

test('many bodies at once through one small window each come whole', async () => {
  const client = await FrameClient.open(gate.https)
  const streams = Array.from({ length: 30 }, (_, i) => 2 * i + 1)
  for (const stream of streams)
    client.request(stream, pseudo({ ':path': stream % 4 === 1 ? '/length' : '/chunks' }))
  let at = 0
  for (let ended = 0; ended < streams.length; ) {
    const got = await client.find(it => it.type === TYPE.DATA, at)
    at = client.frames.indexOf(got!, at) + 1
    if ((got!.flags & 1) !== 0) ended++
    const bytes = got!.payload.length
    if (bytes > 0) client.send(windowUpdate(0, bytes), windowUpdate(got!.stream, bytes))
  }
  for (const stream of streams) {
    const { body } = await client.answer(stream)
    expect([stream, body.length, body === TEXT]).toEqual([stream, TEXT.length, true])
  }
  client.destroy()
})
