// HTTP/2 without TLS to an upstream: a gRPC call that loses its trailers, or the first of them, has failed.
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Headers } from '../../../../proxy/lib/headers.ts'
import type { Body } from '../../../../proxy/pipeline/body.ts'
import type { Reply } from '../../../../proxy/pipeline/reply.ts'
import { H2cTransport } from '../../../../proxy/upstream/transport/h2c.ts'
import type { Outgoing } from '../../../../proxy/upstream/transport/transport.ts'
import { ReadyBody } from '../../stages/support.ts'

const limits = { connectMs: 2000, responseMs: 2000, idleMs: 2000, tunnelMs: 2000 }
let server: Http2Server
let port = 0
const asked: string[] = []

beforeAll(async () => {
  server = createServer()
  server.on('stream', (stream: ServerHttp2Stream, fields) => {
    asked.push(String(fields[':path']))
    stream.respond({ ':status': 200, 'x-path': fields[':path'] }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.on('error', () => {})
    stream.pipe(stream)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterAll(() => new Promise<void>(resolve => server.close(() => resolve())))

const transport = (host = '127.0.0.1') => new H2cTransport({ ...limits, host, port })

interface Sent extends Outgoing {
  ends: boolean[]
  reply: Promise<Reply>
}

function outgoing(target: string, body: Body | null): Sent {
  const ends: boolean[] = []
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  return {
    reply: promise,
    replied: resolve,
    failed: reject,
    method: body === null ? 'GET' : 'POST',
    target,
    headers: new Headers(['host', 'grpc.example.com', 'te', 'trailers']),
    head: '',
    eventStream: false,
    body,
    upgrade: '',
    startMs: performance.now(),
    attempt: {
      upstream: `127.0.0.1:${port}`,
      picked: 'only',
      startUs: 0,
      connectedUs: -1,
      headUs: -1,
      endUs: -1,
      status: 0,
      error: '',
      errorText: '',
      reused: false,
    },
    onInterim: () => {},
    preface: null,
    onDone: complete => ends.push(complete),
    cancel: null,
    ends,
  }
}

/** @returns the reply, as a promise */
function sendOver(upstream: H2cTransport, out: Sent): Promise<Reply> {
  upstream.send(out)
  return out.reply
}

function read(reply: Reply): Promise<{ text: string; trailers: Headers | null }> {
  return new Promise((resolve, reject) => {
    let text = ''
    ;(reply.body as Body).start({
      chunk: data => {
        text += data.toString()
        return true
      },
      end: trailers => resolve({ text, trailers }),
      error: reject,
    })
  })
}

test('requests that come at once are answered, with bodies and trailers, and so are later ones', async () => {
  const upstream = transport()
  const call = async (target: string) => {
    const out = outgoing(target, new ReadyBody([`body of ${target}`]))
    const reply = await sendOver(upstream, out)
    expect([reply.status, reply.headers.get('x-path')]).toEqual([200, target])
    const { text, trailers } = await read(reply)
    expect([text, trailers?.get('grpc-status')]).toEqual([`body of ${target}`, '0'])
    expect(out.ends).toEqual([true])
  }
  await Promise.all([call('/one'), call('/two')])
  await call('/three')
  expect(upstream.connections()).toBe(1)
  upstream.close()
})

test('a request given up at once ends once and asks nothing of the upstream', async () => {
  const upstream = transport()
  const out = outgoing('/given-up', null)
  const sent = sendOver(upstream, out)
  out.cancel?.()
  await expect(sent).rejects.toThrow('given up')
  expect(out.ends).toEqual([false])
  const next = await sendOver(upstream, outgoing('/next', new ReadyBody(['x'])))
  await read(next)
  expect(asked).not.toContain('/given-up')
  upstream.close()
})

test('a reload that closes the transport leaves the request on its way alone', async () => {
  const upstream = transport()
  const sent = sendOver(upstream, outgoing('/last', new ReadyBody(['still here'])))
  upstream.close()
  expect((await read(await sent)).text).toBe('still here')
})

test('an address that no client can take is known when the route is built, not at its first request', () => {
  expect(() => transport('192.0.2.999')).toThrow()
})
