// Without these everybody behind a load balancer is one client, or anybody can say to be somebody else.
import { connect as connectHttp2 } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { proxyHeader } from '../../proxy/lib/proxy-header.ts'
import type { ExchangeRecord } from '../../telemetry/record.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let gate: TestGate

const LISTEN =
  '{ http: { address: :80, proxyProtocol: true }, https: { address: :443, proxyProtocol: [127.0.0.1] } }'
const yaml = (listen = LISTEN, more = 'trustedProxies: [127.0.0.1, 192.0.2.200]') =>
  `listen: ${listen}\n${more}\nroutes:\n  app.test:\n    to: 127.0.0.1:${upstream.port}\n    guard: { maxBody: 50mb }\n`

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    let size = 0
    request.on('data', chunk => (size += chunk.length))
    request.on('end', () => {
      const { 'x-forwarded-for': client, 'x-forwarded-proto': proto } = request.headers
      response.end(`[${client} ${proto} ${size}]`)
    })
  })
  gate = await startGate(yaml(), [await makeCertificate(['app.test'])])
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

const source = { address: '203.0.113.9', port: 4711 }
const destination = { address: '198.51.100.1', port: 443 }
const GET = 'GET / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n'
const GET_FORGED = GET.replace('Host', 'X-Forwarded-For: 6.6.6.6\r\nHost')

/** The records that come of `act`. */
async function recordsOf(act: () => Promise<unknown>, count = 1): Promise<ExchangeRecord[]> {
  const before = (await gate.records(0)).length
  await act()
  return (await gate.records(before + count)).slice(before)
}

test.each(['v1', 'v2'] as const)(
  'the client that a %s header names is the client, however the bytes are cut',
  async version => {
    const bytes = Buffer.concat([proxyHeader(version, source, destination), Buffer.from(GET)])
    for (const cut of [1, 5, 12, 15, 16, 27, 28, 43, 44, 45, bytes.length - 1]) {
      const socket = connect({ port: gate.http, host: '127.0.0.1', noDelay: true })
      socket.write(bytes.subarray(0, cut))
      // Another connection's whole life lies between the two pieces: they arrive apart.
      await rawRequest(gate.http, bytes)
      socket.write(bytes.subarray(cut))
      expect(await textOf(socket)).toContain('[203.0.113.9 http 0]')
    }
  },
)

test('an upload right behind the header arrives whole', async () => {
  const size = 20 * 1024 * 1024
  const head = `POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: ${size}\r\nConnection: close\r\n\r\n`
  const bytes = Buffer.concat([proxyHeader('v2', source, destination), Buffer.from(head), Buffer.alloc(size)])
  expect((await rawRequest(gate.http, bytes)).text).toContain(`[203.0.113.9 http ${size}]`)
})

test('TLS begins behind the header, and HTTP/2 with it', async () => {
  const [record] = await recordsOf(async () => {
    const raw = connect({ port: gate.https, host: '127.0.0.1' })
    raw.write(proxyHeader('v2', source, destination))
    const secure = connectTls({ socket: raw, rejectUnauthorized: false, servername: 'app.test' })
    secure.write(GET)
    expect(await textOf(secure)).toContain('[203.0.113.9 https 0]')
  })
  expect(record).toMatchObject({ client: '203.0.113.9', scheme: 'https' })

  const raw = connect({ port: gate.https, host: '127.0.0.1' })
  raw.write(proxyHeader('v1', source, destination))
  const session = connectHttp2('https://app.test', {
    createConnection: () => connectTls({ socket: raw, rejectUnauthorized: false, ALPNProtocols: ['h2'] }),
  })
  const stream = session.request({ ':path': '/' })
  expect(await textOf(stream)).toContain('[203.0.113.9 https 0]')
  session.close()
})

test("a header and a ClientHello in one packet, cut anywhere, are the header's and TLS's", async () => {
  const header = proxyHeader('v1', source, destination)
  const hello = await clientHello()
  for (const cut of [header.length - 1, header.length, header.length + 1, header.length + 6]) {
    const all = Buffer.concat([header, hello])
    const socket = connect({ port: gate.https, host: '127.0.0.1', noDelay: true })
    socket.write(all.subarray(0, cut))
    await rawRequest(gate.http, Buffer.concat([header, Buffer.from(GET)]))
    socket.write(all.subarray(cut))
    const first = await new Promise<Buffer>(resolve => socket.once('data', resolve))
    // A ServerHello: handshake record.
    expect(first[0]).toBe(0x16)
    socket.destroy()
  }
})

test('what the named client says of itself is not believed', async () => {
  const { text } = await rawRequest(gate.http, [proxyHeader('v2', source, destination), GET_FORGED])
  expect(text).toContain('[203.0.113.9 http 0]')
})

test('a trusted proxy named by the header may speak for its client', async () => {
  const cdn = { address: '192.0.2.200', port: 1 }
  const { text } = await rawRequest(gate.http, [proxyHeader('v2', cdn, destination), GET_FORGED])
  expect(text).toContain('[6.6.6.6, 192.0.2.200 http 0]')
  const record = (await gate.records(0)).at(-1)!
  expect(record.client).toBe('6.6.6.6')
})

test("the balancer's own check is its own, an unnamed client cannot use its trust", async () => {
  const local = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex')
  expect((await rawRequest(gate.http, [local, GET])).text).toContain('[127.0.0.1 http 0]')
  const { text } = await rawRequest(gate.http, ['PROXY UNKNOWN\r\n', GET_FORGED])
  expect(text).toContain('[127.0.0.1 http 0]')
})

test.each([
  ['no header', GET, 'bad_proxy_header'],
  ['half a header and the end', 'PROXY TCP4 203.0.113.9', 'bad_proxy_header'],
  ['a wrong header', 'PROXY TCP4 203.0.113.999 198.51.100.1 1 2\r\n', 'bad_proxy_header'],
  ['a huge header', Buffer.from('0d0a0d0a000d0a515549540a2111ffff', 'hex'), 'proxy_header_too_large'],
])(
  '%s from where one must come: closed without a word, recorded with the reason',
  async (_name, bytes, reason) => {
    const hits = upstream.hits
    const [record] = await recordsOf(async () => {
      const socket = connect({ port: gate.http, host: '127.0.0.1' })
      socket.on('error', () => {})
      socket.end(bytes)
      expect(await textOf(socket)).toBe('')
    })
    expect(record).toMatchObject({
      route: '_rejected',
      error: 'malformed_request',
      errorText: reason,
      status: 400,
    })
    expect(upstream.hits).toBe(hits)
  },
)

test('a header that does not come in time gives its place back', async () => {
  const hasty = await startGate(yaml(LISTEN, 'trustedProxies: [127.0.0.1]\nclient: { head: 100ms }'))
  const socket = connect({ port: hasty.http, host: '127.0.0.1' })
  socket.write('PROXY ')
  expect(await textOf(socket)).toBe('')
  expect(await hasty.records(1)).toMatchObject([{ errorText: 'proxy_header_timeout', status: 408 }])
  await hasty.close()
})

test('a connection that closes without a byte is a port check, and no refusal', async () => {
  const before = (await gate.records(0)).length
  const socket = connect({ port: gate.http, host: '127.0.0.1' })
  socket.end()
  await textOf(socket)
  const { text } = await rawRequest(gate.http, [proxyHeader('v1', source, destination), GET])
  expect(text).toContain('200 OK')
  expect((await gate.records(before + 1)).slice(before).map(record => record.route)).toEqual(['app.test'])
})

test('a check that is reset before it is taken is no refusal either', async () => {
  const before = (await gate.records(0)).length
  for (let i = 0; i < 20; i++) {
    const socket = connect({ port: gate.http, host: '127.0.0.1' })
    socket.on('error', () => {})
    await new Promise(resolve => socket.once('connect', resolve))
    socket.write(Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'))
    socket.resetAndDestroy()
  }
  const { text } = await rawRequest(gate.http, [proxyHeader('v1', source, destination), GET])
  expect(text).toContain('200 OK')
  expect((await gate.records(before + 1)).slice(before).map(record => record.route)).toEqual(['app.test'])
})

test("a stranger's header is the garbage it is, and a reload says who is one", async () => {
  const strange = await startGate(yaml('{ http: { address: :80, proxyProtocol: [192.0.2.1] } }', ''))
  const header = proxyHeader('v1', source, destination)
  const garbage = await rawRequest(strange.http, [header, GET])
  expect(garbage.statuses).toEqual([400])
  expect((await rawRequest(strange.http, GET)).text).toContain('[127.0.0.1 http 0]')
  strange.reload(yaml())
  expect((await rawRequest(strange.http, [header, GET])).text).toContain('[203.0.113.9 http 0]')
  await strange.close()
})

test('a connection that waits for its header does not hold up a shutdown', async () => {
  const other = await startGate(yaml())
  const socket = connect({ port: other.http, host: '127.0.0.1' })
  socket.write('PROXY')
  socket.on('error', () => {})
  await new Promise(resolve => socket.once('connect', resolve))
  const closed = textOf(socket)
  await other.close()
  expect(await closed).toBe('')
})

function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise(resolve => {
    let text = ''
    stream.on('data', chunk => (text += chunk))
    stream.on('end', () => resolve(text))
    stream.on('close', () => resolve(text))
    stream.on('error', () => resolve(text))
  })
}

/** The bytes with which a TLS client begins. */
async function clientHello(): Promise<Buffer> {
  const { createServer } = await import('node:net')
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const client = connectTls({ port: (server.address() as { port: number }).port, host: '127.0.0.1' })
  client.on('error', () => {})
  const hello = await new Promise<Buffer>(resolve =>
    server.once('connection', (socket: Socket) => {
      socket.on('error', () => {})
      socket.once('data', resolve)
    }),
  )
  client.destroy()
  server.close()
  return hello
}
