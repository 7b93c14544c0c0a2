// HTTP/2 to an upstream: a call that loses its trailers, its head start or its safe retry has failed for the user.
import { once } from 'node:events'
import {
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { Headers } from '../../../../../proxy/lib/headers.ts'
import type { Body } from '../../../../../proxy/pipeline/body.ts'
import type { ProxyError } from '../../../../../proxy/pipeline/errors.ts'
import type { Reply } from '../../../../../proxy/pipeline/reply.ts'
import { Http2Transport } from '../../../../../proxy/upstream/transport/http2/transport.ts'
import type { Outgoing } from '../../../../../proxy/upstream/transport/transport.ts'
import { makeCertificate } from '../../../../support/certificate.ts'
import { startRawUpstream } from '../../../../support/upstream.ts'
import { HandBody, ReadyBody } from '../../../stages/support.ts'

const times = { connectMs: 2000, responseMs: 2000, idleMs: 2000, tunnelMs: 2000, verify: true }
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

type Answer = (stream: ServerHttp2Stream, fields: IncomingHttpHeaders) => void

async function serve(
  answer: Answer,
  settings: Settings = {},
  server: Http2Server = createServer({ settings }),
) {
  const sessions = new Set<ServerHttp2Session>()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  server.on('session', session => sessions.add(session.on('error', () => {})))
  server.on('stream', (stream, fields) => {
    stream.on('error', () => {})
    answer(stream, fields)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, sessions, sockets }
}

const echo: Answer = (stream, fields) => {
  stream.respond({ ':status': 200, 'x-path': fields[':path'] }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.pipe(stream)
}

function transport(port: number, more: Partial<ConstructorParameters<typeof Http2Transport>[0]> = {}) {
  const made = new Http2Transport({ ...times, protocol: 'h2c', host: '127.0.0.1', port, ...more })
  closers.push(() => made.close())
  return {
    connections: () => made.connections(),
    close: () => made.close(),
    send(out: Recorded): Promise<Reply> {
      made.send(out)
      return out.reply
    },
  }
}

type Recorded = Outgoing & { ends: boolean[]; interims: number[]; reply: Promise<Reply> }

function outgoing(
  target: string,
  body: Body | null = null,
  method = body === null ? 'GET' : 'POST',
): Recorded {
  const ends: boolean[] = []
  const interims: number[] = []
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  return {
    reply: promise,
    replied: resolve,
    failed: reject,
    preface: null,
    head: '',
    eventStream: false,
    fresh: false,
    method,
    target,
    headers: new Headers(['host', 'grpc.example.com', 'te', 'trailers']),
    body,
    upgrade: '',
    startMs: performance.now(),
    atMs: performance.now(),
    attempt: {
      upstream: 'u',
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
    onInterim: status => interims.push(status),
    onDone: complete => ends.push(complete),
    cancel: null,
    ends,
    interims,
  }
}

function read(reply: Reply): Promise<{ text: string; trailers: Headers | null }> {
  return new Promise((resolve, reject) => {
    let text = ''
    if (reply.body === null) return resolve({ text, trailers: null })
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

const failure = (sent: Promise<unknown>): Promise<ProxyError> =>
  sent.then(
    () => {
      throw new Error('expected a failure')
    },
    error => error as ProxyError,
  )

test('requests that come at once are answered, with bodies and trailers, and so are later ones', async () => {
  const { port } = await serve(echo)
  const upstream = transport(port)
  const call = async (target: string) => {
    const out = outgoing(target, new ReadyBody([`body of ${target}`]))
    const reply = await upstream.send(out)
    expect([reply.status, reply.headers.get('x-path')]).toEqual([200, target])
    const { text, trailers } = await read(reply)
    expect([text, trailers?.get('grpc-status')]).toEqual([`body of ${target}`, '0'])
    expect(out.ends).toEqual([true])
    return out.attempt.reused
  }
  expect(await Promise.all([call('/one'), call('/two')])).toEqual([false, true])
  expect(await call('/three')).toBe(true)
  expect(upstream.connections()).toBe(1)
})

test('the reply flows while the request is still being sent', async () => {
  const { port } = await serve(echo)
  const body = new HandBody()
  const reply = await transport(port).send(outgoing('/duet', body))
  const heard: string[] = []
  let next: () => void = () => {}
  ;(reply.body as Body).start({
    chunk: data => {
      heard.push(data.toString())
      next()
      return true
    },
    end: () => next(),
    error: () => {},
  })
  for (const word of ['one', 'two', 'three']) {
    const came = new Promise<void>(resolve => (next = resolve))
    body.push(word)
    await came
  }
  const ended = new Promise<void>(resolve => (next = resolve))
  body.end()
  await ended
  expect(heard).toEqual(['one', 'two', 'three'])
})

test('a request given up at once ends once and asks nothing of the upstream', async () => {
  const asked: string[] = []
  const { port } = await serve((stream, fields) => {
    asked.push(String(fields[':path']))
    echo(stream, fields)
  })
  const upstream = transport(port)
  const out = outgoing('/given-up')
  const sent = upstream.send(out)
  out.cancel?.()
  await expect(sent).rejects.toThrow('given up')
  expect(out.ends).toEqual([false])
  await read(await upstream.send(outgoing('/next', new ReadyBody(['x']))))
  expect(asked).toEqual(['/next'])
})

test('a client that leaves cancels its stream, and only its stream', async () => {
  let reset = (_code: number) => {}
  const code = new Promise<number>(resolve => (reset = resolve))
  const { port } = await serve((stream, fields) => {
    if (fields[':path'] !== '/slow') return echo(stream, fields)
    stream.on('close', () => reset(stream.rstCode ?? -1))
    stream.respond({ ':status': 200 })
    stream.write('first')
  })
  const upstream = transport(port)
  const out = outgoing('/slow')
  const reply = await upstream.send(out)
  ;(reply.body as Body).cancel()
  expect(await code).toBe(constants.NGHTTP2_CANCEL)
  expect(out.ends).toEqual([false])
  expect((await upstream.send(outgoing('/after', new ReadyBody([''])))).status).toBe(200)
  expect(upstream.connections()).toBe(1)
})

test('a reload that closes the transport leaves the request on its way alone', async () => {
  const { port } = await serve(echo)
  const upstream = transport(port)
  const sent = upstream.send(outgoing('/last', new ReadyBody(['still here'])))
  upstream.close()
  expect((await read(await sent)).text).toBe('still here')
})

test('no more streams at once than the upstream allows: the rest take another connection, or wait', async () => {
  let now = 0
  let most = 0
  const { port, sessions } = await serve(
    (stream, fields) => {
      most = Math.max(most, ++now)
      setImmediate(() => {
        now--
        echo(stream, fields)
      })
    },
    { maxConcurrentStreams: 2 },
  )
  const upstream = transport(port)
  const calls = Array.from({ length: 60 }, async (_, i) => {
    const { text } = await read(await upstream.send(outgoing(`/${i}`, new ReadyBody([String(i)]))))
    return text
  })
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 60 }, (_, i) => String(i)))
  expect(sessions.size).toBeLessThanOrEqual(8)
  expect(most).toBeLessThanOrEqual(16)
})

test('a stream that the upstream refused may be sent elsewhere, whatever its method', async () => {
  const { port } = await serve(stream => stream.close(constants.NGHTTP2_REFUSED_STREAM))
  const error = await failure(transport(port).send(outgoing('/', null, 'POST')))
  expect(error).toMatchObject({ type: 'connection_terminated', unsent: true })
})

test('a stream above the last one that GOAWAY names was never acted on; one below it goes on', async () => {
  const { port, sessions } = await serve((stream, fields) => {
    if (fields[':path'] === '/first') {
      stream.respond({ ':status': 200 })
      stream.write('still ')
      return
    }
    const [session] = sessions
    session!.goaway(constants.NGHTTP2_NO_ERROR, 1)
  })
  const upstream = transport(port)
  const first = await upstream.send(outgoing('/first'))
  const error = await failure(upstream.send(outgoing('/second', null, 'POST')))
  expect(error).toMatchObject({ unsent: true, stale: true })
  const reading = read(first)
  const late = failure(reading)
  for (const session of sessions) session.destroy()
  expect((await late).type).toBe('http_response_incomplete')
})

test('after GOAWAY new requests take a new connection, without a failure', async () => {
  const { port, sessions } = await serve(echo)
  const upstream = transport(port)
  await read(await upstream.send(outgoing('/one', new ReadyBody(['1']))))
  const [session] = sessions
  const gone = once(session!, 'close')
  session!.close()
  await gone
  expect((await read(await upstream.send(outgoing('/two', new ReadyBody(['2']))))).text).toBe('2')
  expect(sessions.size).toBe(2)
})

test('a reply that breaks off is told as broken, and its type', async () => {
  const { port } = await serve(stream => {
    // Without waitForTrailers node:http2 ends the stream cleanly before it resets it.
    stream.respond({ ':status': 200 }, { waitForTrailers: true })
    stream.write('half', () => stream.close(constants.NGHTTP2_INTERNAL_ERROR))
  })
  const out = outgoing('/')
  const error = await failure(read(await transport(port).send(out)))
  expect([error.type, error.message]).toEqual([
    'http_response_incomplete',
    expect.stringContaining('INTERNAL_ERROR'),
  ])
  expect(out.ends).toEqual([false])
})

test('a connection lost before the reply ends in a failure that may be repeated when that is safe', async () => {
  const { port, sockets } = await serve(() => {
    for (const socket of sockets) socket.resetAndDestroy()
  })
  const error = await failure(transport(port).send(outgoing('/')))
  expect(error).toMatchObject({ type: 'connection_terminated', unsent: false })
})

test('a stream reset behind an interim reply is a reply that had begun', async () => {
  const { port } = await serve(stream => {
    stream.additionalHeaders({ ':status': 103, link: '</a>' })
    stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  })
  const error = await failure(transport(port).send(outgoing('/')))
  expect(error).toMatchObject({ type: 'connection_terminated', unsent: false, begun: true })
})

test('an answer before the request has ended is the answer, and the rest is not wanted', async () => {
  const { port } = await serve(stream => {
    stream.respond({ ':status': 413 })
    stream.end('too much')
  })
  const body = new HandBody()
  const out = outgoing('/', body)
  const reply = await transport(port).send(out)
  expect([reply.status, (await read(reply)).text]).toEqual([413, 'too much'])
  expect([out.ends, body.cancelled]).toEqual([[true], true])
})

test('replies without a body end at once: HEAD, 204, 304, and trailers alone', async () => {
  const { port } = await serve((stream, fields) => {
    const status = Number(fields['x-status'] ?? 200)
    stream.respond({ ':status': status, 'grpc-status': '5' }, { endStream: true })
  })
  const upstream = transport(port)
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
    ['POST', 200],
  ] as const) {
    const out = outgoing('/', null, method)
    out.headers.append('x-status', String(status))
    const reply = await upstream.send(out)
    expect([reply.status, reply.body]).toEqual([status, null])
  }
})

test('early hints pass; a flood of interim responses does not', async () => {
  const { port } = await serve((stream, fields) => {
    const count = fields[':path'] === '/flood' ? 17 : 1
    for (let i = 0; i < count; i++) stream.additionalHeaders({ ':status': 103, link: '</a>' })
    stream.respond({ ':status': 200 }, { endStream: true })
  })
  const upstream = transport(port)
  const out = outgoing('/hints')
  await upstream.send(out)
  expect(out.interims).toEqual([103])
  expect((await failure(upstream.send(outgoing('/flood')))).type).toBe('http_protocol_error')
})

test('a reply shorter than its Content-Length is never whole', async () => {
  const { port } = await serve(stream => {
    stream.respond({ ':status': 200, 'content-length': 10 })
    stream.end('short')
  })
  await expect(transport(port).send(outgoing('/')).then(read)).rejects.toMatchObject({ name: 'ProxyError' })
})

test('an upstream that is silent is given up on in time: before the head, and in the body', async () => {
  const { port } = await serve((stream, fields) => {
    if (fields[':path'] === '/mute') return
    stream.respond({ ':status': 200 })
    stream.write('first')
  })
  const upstream = transport(port, { responseMs: 50, idleMs: 50 })
  expect((await failure(upstream.send(outgoing('/mute')))).type).toBe('http_response_timeout')
  const error = await failure(read(await upstream.send(outgoing('/stalls'))))
  expect(error.type).toBe('connection_read_timeout')
})

test('a slow reader holds the upstream back: it is not read into memory', async () => {
  let written = 0
  const { port } = await serve(stream => {
    stream.respond({ ':status': 200 })
    const more = () => {
      while (written < 64 * 1024 * 1024) {
        written += 65_536
        if (!stream.write(Buffer.alloc(65_536))) return
      }
    }
    stream.on('drain', more)
    more()
  })
  const upstream = transport(port)
  const reply = await upstream.send(outgoing('/'))
  let first: () => void = () => {}
  const came = new Promise<void>(resolve => (first = resolve))
  ;(reply.body as Body).start({
    chunk: () => {
      first()
      return false
    },
    end: () => {},
    error: () => {},
  })
  await came
  // A second request on the same connection is answered all the same.
  const other = await upstream.send(outgoing('/other'))
  expect(other.status).toBe(200)
  ;(other.body as Body).cancel()
  expect(written).toBeLessThan(4 * 1024 * 1024)
  ;(reply.body as Body).cancel()
})

test('what does not speak HTTP/2 is a failure before anything was sent', async () => {
  const plain = await startRawUpstream(socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const error = await failure(transport(plain.port).send(outgoing('/', null, 'POST')))
  expect(error).toMatchObject({ type: 'http_protocol_error', unsent: true })
  await plain.close()
  const refused = await failure(transport(plain.port).send(outgoing('/', null, 'POST')))
  expect(refused).toMatchObject({ type: 'connection_refused', unsent: true })
})

test('an upstream that accepts and never speaks is given up on within the time to connect', async () => {
  const mute = await startRawUpstream(() => {})
  const error = await failure(transport(mute.port, { connectMs: 50 }).send(outgoing('/', null, 'POST')))
  expect(error).toMatchObject({ type: 'connection_timeout', unsent: true })
  await mute.close()
})

test('over TLS the certificate is verified, and ALPN must agree on h2', async () => {
  const { certificate, key } = await makeCertificate(['localhost'])
  const server = createSecureServer({ cert: certificate, key }) as unknown as Http2Server
  const { port } = await serve(echo, {}, server)
  const secure = { protocol: 'h2', host: 'localhost' } as const
  const refused = await failure(transport(port, secure).send(outgoing('/', null, 'POST')))
  expect(refused).toMatchObject({ type: 'tls_certificate_error', unsent: true })
  const upstream = transport(port, { ...secure, verify: false })
  const reply = await upstream.send(outgoing('/', new ReadyBody(['secret'])))
  expect((await read(reply)).text).toBe('secret')
})

test('an address that no connection can be made to is a failure of the request, not of the worker', async () => {
  const error = await failure(transport(9, { host: '192.0.2.999' }).send(outgoing('/')))
  expect(error.unsent).toBe(true)
})
