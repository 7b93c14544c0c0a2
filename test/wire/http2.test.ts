// Without these a browser, which speaks HTTP/2 to every HTTPS site, would see errors or another's data.
import { once } from 'node:events'
import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let gate: TestGate
let session: ClientHttp2Session

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    if (request.url === '/cut') {
      response.setHeader('content-length', 100)
      response.write('half')
      setImmediate(() => response.destroy())
      return
    }
    if (request.url === '/trailers') {
      response.setHeader('trailer', 'x-sum')
      response.write('body')
      response.addTrailers({ 'x-sum': '42' })
      return response.end()
    }
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, headers } = request
      response.end(JSON.stringify({ method, url, headers, bytes: Buffer.concat(chunks).length }))
    })
  })
  const certificate = await makeCertificate(['app.test', '*.wild.test'])
  gate = await startGate(`routes:\n  app.test:\n    to: 127.0.0.1:${upstream.port}\n`, [certificate])
  session = connect(`https://127.0.0.1:${gate.https}`, { rejectUnauthorized: false, servername: 'app.test' })
  await once(session, 'connect')
})
afterAll(async () => {
  session.destroy()
  await gate.close()
  await upstream.close()
})

async function ask(headers: OutgoingHttpHeaders, body?: Buffer, on: ClientHttp2Session = session) {
  const stream = on.request({ ':authority': 'app.test', ':path': '/', ...headers })
  const answer = { status: 0, text: '', reset: 0, trailers: {} as Record<string, unknown> }
  stream.on('response', fields => {
    answer.status = Number(fields[':status'])
  })
  stream.on('trailers', fields => {
    answer.trailers = fields
  })
  stream.on('data', chunk => {
    answer.text += chunk
  })
  stream.on('error', () => {})
  stream.end(body)
  await new Promise(resolve => stream.on('close', resolve))
  answer.reset = stream.rstCode ?? 0
  return answer
}

test('a request is forwarded over HTTP/1.1 with its fields and recorded as HTTP/2', async () => {
  const { status, text } = await ask({ ':path': '/a?b=1', cookie: ['a=1', 'b=2'] })
  const seen = JSON.parse(text)
  expect([status, seen.url, seen.headers.host, seen.headers.cookie]).toEqual([
    200,
    '/a?b=1',
    'app.test',
    'a=1; b=2',
  ])
  expect(seen.headers['x-forwarded-proto']).toBe('https')
  const record = (await gate.records(1)).at(-1)!
  expect(record).toMatchObject({ protocol: '2', scheme: 'https', tls: { serverName: 'app.test' } })
})

test('bodies pass in both directions', async () => {
  const { text } = await ask({ ':method': 'POST' }, Buffer.alloc(3_000_000))
  expect(JSON.parse(text).bytes).toBe(3_000_000)
})

test('many streams at once stay apart', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => ask({ ':path': `/${i}` })))
  expect(answers.map(a => JSON.parse(a.text).url)).toEqual(Array.from({ length: 50 }, (_, i) => `/${i}`))
})

test('trailers reach the client', async () => {
  const { trailers, text } = await ask({ ':path': '/trailers' })
  expect([text, trailers['x-sum']]).toEqual(['body', '42'])
})

test('a reply that breaks off is a reset stream, never a clean end', async () => {
  const { reset } = await ask({ ':path': '/cut' })
  expect(reset).not.toBe(constants.NGHTTP2_NO_ERROR)
})

test('a Host that disagrees with :authority is refused', async () => {
  expect((await ask({ host: 'evil.test' })).status).toBe(400)
})

test('HTTP/1.1 works on the same port', async () => {
  const request = httpsRequest({
    host: '127.0.0.1',
    port: gate.https,
    servername: 'app.test',
    rejectUnauthorized: false,
    headers: { host: 'app.test' },
    agent: false,
  })
  request.end()
  const [response] = await once(request, 'response')
  expect([response.statusCode, response.httpVersion]).toEqual([200, '1.1'])
  response.resume()
  await once(response, 'end')
})

/** A frame of HTTP/2 (RFC 9113 section 4.1). */
function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

const GOAWAY = 7

test('a flood of resets ends the connection, others go on', async () => {
  const socket = connectTls({
    port: gate.https,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    servername: 'app.test',
    ALPNProtocols: ['h2'],
  })
  await once(socket, 'secureConnect')
  socket.on('error', () => {})
  const ended = new Promise(resolve => socket.on('close', resolve))
  let received = Buffer.alloc(0)
  socket.on('data', chunk => {
    received = Buffer.concat([received, chunk])
  })
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(frame(4, 0, 0, Buffer.alloc(0)))
  // :method GET, :scheme https, :path / from the static table; :authority app.test as a literal.
  const fields = Buffer.concat([Buffer.from([0x82, 0x87, 0x84, 0x01, 8]), Buffer.from('app.test')])
  const cancel = Buffer.from([0, 0, 0, 8])
  for (let i = 0; i < 2000 && !socket.destroyed; i++) {
    socket.write(Buffer.concat([frame(1, 0x5, 2 * i + 1, fields), frame(3, 0, 2 * i + 1, cancel)]))
  }
  await ended
  const types: number[] = []
  for (let at = 0; at + 9 <= received.length; at += 9 + received.readUIntBE(at, 3))
    types.push(received[at + 3]!)
  expect(types).toContain(GOAWAY)
  expect((await ask({})).status).toBe(200)
})

test('a connection without a stream is sent away when it has been idle; one with a stream is not', async () => {
  const { promise: asked, resolve: hasAsked } = Promise.withResolvers<() => void>()
  const slow = await startUpstream((_request, response) => hasAsked(() => response.end('late')))
  const certificate = await makeCertificate(['app.test'])
  const yaml = `client: { keepAlive: 300ms }\nroutes:\n  app.test:\n    to: 127.0.0.1:${slow.port}\n`
  const own = await startGate(yaml, [certificate])
  const to = `https://127.0.0.1:${own.https}`
  const [busy, idle] = [0, 1].map(() => connect(to, { rejectUnauthorized: false, servername: 'app.test' }))
  const told: string[] = []
  busy!.on('goaway', () => told.push('busy'))
  const answer = ask({}, undefined, busy)
  const finish = await asked
  await once(idle!, 'goaway')
  // Begun before the idle one's time, it has been quiet for at least as long.
  expect(told).toEqual([])
  finish()
  expect((await answer).text).toBe('late')
  await once(busy!, 'close')
  expect(told).toEqual(['busy'])
  await own.close()
  await slow.close()
})
