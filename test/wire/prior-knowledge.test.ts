// HTTP/2 without TLS: gRPC clients of a private network speak it, and who speaks HTTP/1.1 must notice nothing.
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type TestGate } from '../support/gate.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

const BODY = Buffer.alloc(1_000_000, 'body')

let upstream: TestUpstream
let gate: TestGate
let strict: TestGate

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    if (request.method === 'POST') request.pipe(response)
    else response.end(request.headers['x-forwarded-proto'] as string)
  })
  const routes = `routes:\n  app.test: 127.0.0.1:${upstream.port}\n`
  gate = await startGate(`listen: { http: { address: 127.0.0.1:0, h2c: true } }\n${routes}`)
  strict = await startGate(routes)
})
afterAll(async () => {
  await gate.close()
  await strict.close()
  await upstream.close()
})

function ask(
  session: ClientHttp2Session,
  method: string,
  body?: Buffer,
): Promise<[IncomingHttpHeaders, Buffer]> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': '/', ':authority': 'app.test' })
    let head: IncomingHttpHeaders = {}
    const parts: Buffer[] = []
    stream.on('response', headers => {
      head = headers
    })
    stream.on('data', (part: Buffer) => parts.push(part))
    stream.on('end', () => resolve([head, Buffer.concat(parts)]))
    stream.on('error', reject)
    stream.end(body)
  })
}

test('requests, uploads and downloads at once, told to the upstream as plain http', async () => {
  const session = connectHttp2(`http://127.0.0.1:${gate.http}`)
  const answers = await Promise.all([
    ask(session, 'GET'),
    ...Array.from({ length: 8 }, () => ask(session, 'POST', BODY)),
  ])
  expect(answers.map(([head]) => head[':status'])).toEqual(answers.map(() => 200))
  expect(answers[0]![1].toString()).toBe('http')
  for (const [, body] of answers.slice(1)) expect(body.equals(BODY)).toBe(true)
  session.close()
  const record = (await gate.records(9)).at(-1)!
  expect(record).toMatchObject({ protocol: '2', scheme: 'http' })
})

/** What comes back for these bytes, one by one, until the gate closes. */
function converse(port: number, text: string): Promise<string> {
  return new Promise(resolve => {
    let answer = ''
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on('data', chunk => {
      answer += chunk.toString('latin1')
    })
    socket.on('close', () => resolve(answer))
    const send = (at: number): void => {
      if (at < text.length) socket.write(text[at]!, () => send(at + 1))
    }
    send(0)
  })
}

test.each(['GET', 'POST', 'PUT', 'PROPFIND'])(
  'a request that begins with %s over HTTP/1.1 is one still',
  async method => {
    const head = `${method} / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`
    expect(await converse(gate.http, head)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  },
)

test('a preface that breaks off or goes wrong is an HTTP/1.1 request that is refused', async () => {
  expect(await converse(gate.http, 'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
})

test('74 where it is not asked for, the preface is refused', async () => {
  expect(await converse(strict.http, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
})

test('a stop says GOAWAY, and ends those who have not said what they speak', async () => {
  const own = await startGate(
    `listen: { http: { address: 127.0.0.1:0, h2c: true } }\nroutes:\n  app.test: 127.0.0.1:${upstream.port}\n`,
  )
  const session = connectHttp2(`http://127.0.0.1:${own.http}`)
  await ask(session, 'GET')
  const goaway = new Promise(resolve => session.once('goaway', resolve))
  const silent = connect({ port: own.http, host: '127.0.0.1' })
  await new Promise(resolve => silent.once('connect', resolve))
  const closed = new Promise(resolve => silent.resume().once('close', resolve))
  await own.drain(5000)
  expect(await goaway).toBe(0)
  await closed
  session.destroy()
  await own.close()
})
