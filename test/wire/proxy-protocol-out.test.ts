// A backend that reads PROXY headers must get the right client's, and never another client's request behind it.

import { createServer as createHttp, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { probe } from '../../control/health/probe.ts'
import { proxyHeader } from '../../proxy/lib/proxy-header.ts'
import { acceptOf } from '../../proxy/upstream/transport/websocket-accept.ts'
import { type ProxyHeader, readProxyHeader } from '../../proxy/wire/proxy-protocol.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'

interface Backend {
  port: number
  /** One for each connection. */
  headers: ProxyHeader[]
  close(): void
}

/** An HTTP server whose connections must begin with a PROXY header; its answers say which connection they came by. */
async function startBackend(tls?: { cert: string; key: string }): Promise<Backend> {
  const headers: ProxyHeader[] = []
  const numbers = new WeakMap<object, number>()
  const listener: RequestListener = (request, response) => {
    const { socket } = request
    const raw = (socket as Socket & { _parent?: Socket })._parent ?? socket
    response.end(`[connection ${numbers.get(raw)} ${request.url}]`)
  }
  const http = tls === undefined ? createHttp(listener) : createHttps(tls, listener)
  http.on('upgrade', (_request, socket: Socket) => {
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${acceptOf('dGhlIHNhbXBsZSBub25jZQ==')}\r\n\r\nhello`,
    )
  })
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    let bytes = Buffer.alloc(0)
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk])
      const reading = readProxyHeader(bytes)
      if (reading === undefined) return
      if ('fault' in reading) return void socket.destroy()
      numbers.set(socket, headers.push(reading.header))
      socket.off('data', take)
      socket.pause()
      socket.unshift(bytes.subarray(reading.length))
      http.emit('connection', socket)
      if (tls === undefined) socket.resume()
    }
    socket.on('data', take)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: (server.address() as AddressInfo).port, headers, close }
}

let plain: Backend
let secure: Backend
let gate: TestGate

beforeAll(async () => {
  const { certificate, key } = await makeCertificate(['localhost'])
  plain = await startBackend()
  secure = await startBackend({ cert: certificate, key })
  const to = (backend: Backend, scheme: string, version: string) =>
    `{ targets: "${scheme}://127.0.0.1:${backend.port}", proxyProtocol: ${version}, verify: false, tries: 1 }`
  gate = await startGate(
    'listen: { http: { address: ":80", proxyProtocol: [127.0.0.1] } }\ntrustedProxies: [192.0.2.200]\nroutes:\n' +
      `  v1.test: { to: ${to(plain, 'http', 'v1')} }\n  v2.test: { to: ${to(plain, 'http', 'v2')} }\n` +
      `  s1.test: { to: ${to(secure, 'https', 'v1')} }\n  s2.test: { to: ${to(secure, 'https', 'v2')} }\n` +
      '  gone.test: { to: { targets: "https://127.0.0.1:1", proxyProtocol: v2, tries: 1 } }\n',
  )
})
afterAll(async () => {
  await gate.close()
  plain.close()
  secure.close()
})

const destination = { address: '198.51.100.1', port: 443 }
const from = (address: string, port: number) => proxyHeader('v2', { address, port }, destination)
const get = (host: string, path: string, more = 'Connection: close\r\n') =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`
const connectionsIn = (text: string) =>
  [...text.matchAll(/\[connection (\d+)/g)].map(match => Number(match[1]))

test.each(['v1.test', 'v2.test', 's1.test', 's2.test'])(
  '%s: the backend hears of the client first',
  async host => {
    const backend = host.startsWith('s') ? secure : plain
    const { text } = await rawRequest(gate.http, [from('203.0.113.9', 4711), get(host, '/a')])
    expect(text).toContain('/a]')
    expect(backend.headers[connectionsIn(text)[0]! - 1]).toEqual({
      kind: 'client',
      source: { address: '203.0.113.9', port: 4711 },
      destination,
    })
  },
)

test.each(['v1.test', 's2.test'])('%s: one client keeps its connection, another gets its own', async host => {
  const twice = get(host, '/1', '') + get(host, '/2')
  const first = connectionsIn((await rawRequest(gate.http, [from('203.0.113.10', 1), twice])).text)
  expect(first[1]).toBe(first[0])
  const other = connectionsIn((await rawRequest(gate.http, [from('203.0.113.11', 1), twice])).text)
  expect(first).not.toContain(other[0])
  const port = connectionsIn((await rawRequest(gate.http, [from('203.0.113.10', 2), get(host, '/')])).text)
  expect([...first, ...other]).not.toContain(port[0])
  const again = connectionsIn((await rawRequest(gate.http, [from('203.0.113.10', 1), get(host, '/')])).text)
  expect(again[0]).toBe(first[0])
})

test('more clients than the pool keeps leave no more connections behind than it may', async () => {
  for (let i = 0; i < 50; i++)
    await rawRequest(gate.http, [from(`203.0.113.${100 + i}`, 1), get('v2.test', '/')])
  const { groups } = gate.entry.snapshot
  expect(groups.get('v2.test')!.members[0]!.transport.connections()).toBeLessThanOrEqual(32)
})

test('a client that a trusted proxy names has no port to tell', async () => {
  const head = get('v2.test', '/', 'X-Forwarded-For: 2001:db8::5\r\nConnection: close\r\n')
  const { text } = await rawRequest(gate.http, [from('192.0.2.200', 4711), head])
  expect(plain.headers[connectionsIn(text)[0]! - 1]).toMatchObject({
    source: { address: '2001:db8::5', port: 0 },
  })
})

test.each(['v1.test', 's2.test'])('%s: a WebSocket begins with it, too', async host => {
  const backend = host.startsWith('s') ? secure : plain
  const head = get(
    host,
    '/ws',
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
  )
  const { text } = await rawRequest(gate.http, [from('203.0.113.12', 77), head], all => all.includes('hello'))
  expect(text).toContain('101')
  expect(backend.headers.at(-1)).toMatchObject({ source: { address: '203.0.113.12', port: 77 } })
})

test('a backend that is not there is a 502 that says so, however the connection begins', async () => {
  const { statuses } = await rawRequest(gate.http, [from('203.0.113.13', 1), get('gone.test', '/')])
  expect(statuses).toEqual([502])
  expect((await gate.records(0)).at(-1)).toMatchObject({ error: 'connection_refused' })
})

test('a client that leaves while the connection is made leaves nothing behind', async () => {
  const before = (await gate.records(0)).length
  const socket = connect({ port: gate.http, host: '127.0.0.1' })
  socket.write(from('203.0.113.14', 1))
  socket.write(get('s1.test', '/', 'Connection: close\r\n'))
  socket.end()
  socket.on('error', () => {})
  socket.resume()
  await new Promise(resolve => socket.on('close', resolve))
  const [record] = (await gate.records(before + 1)).slice(before)
  expect([200, 499]).toContain(record!.status)
})

test.each(['v1', 'v2'] as const)('a health check says %s that no client stands behind it', async version => {
  const check = { path: '/h', intervalMs: 1000, timeoutMs: 5000, fall: 1, rise: 1 }
  for (const [protocol, backend] of [
    ['http', plain],
    ['https', secure],
  ] as const) {
    const target = { name: `127.0.0.1:${backend.port}`, protocol, host: '127.0.0.1', port: backend.port }
    expect(await probe(target, check, false, version)).toBe('')
    expect(backend.headers.at(-1)).toEqual({ kind: version === 'v1' ? 'unknown' : 'local' })
    expect(await probe({ ...target, port: 1 }, check, false, version)).toBe('refused the connection')
  }
  expect(
    await probe({ name: '', protocol: 'https', host: '127.0.0.1', port: secure.port }, check, true, version),
  ).toMatch(/SELF_SIGNED|UNABLE_TO/)
})
