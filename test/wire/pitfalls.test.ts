// What a toy proxy gets wrong: the list, who proves each, and here the ones that no other file proves.
//
//  1 hop-by-hop fields       client-input/hops 88-91, upstream-faults/body 149
//  2 framing                 client-input/framing 1-23, desync; here: no length is made up for a body
//  3 Expect                  client-input/sequence 96, client-input/hops 97
//  4 replies without a body  upstream-faults/body 146-147
//  5 interim replies         upstream-faults/body 143-145, head 142; here: not for HTTP/1.0
//  6 Upgrade                 upgrade.test, client-input/hops 93-94
//  7 aborts                  upstream-faults.test, upstream-faults/body 110-117; here: not the upstream's fault
//  8 back-pressure           back-pressure.test
//  9 early answers           upstream-faults.test 148
// 10 keep-alive races        here; upstream-faults.test, retries.test
// 11 Host and authority      client-input/place 42-49; here: IPv6, SNI, X-Forwarded-Host
// 12 path                    client-input/path 76-87, strict-path.test; here: what is matched is what is forwarded
// 13 who the client is       client-input/hops 92, lib/client-address.test; here: the limiter asks the same one
// 14 the cache               stages/cache/
// 15 reload and shutdown     e2e/replacement.test, e2e/resilience.test; here: what is under way keeps its route
//
// And what brought other Node proxies down:
//  1 overrun of a length     upstream-faults/body 113-114    6 half requests    client-input/protocol 50, sequence 50c, 96d
//  2 GET with Trailer        here                            7 node:http2       http2.test
//  3 truncated bodies        upstream-faults/body 110-116    8 101, CONNECT     upstream-faults/head 142, protocol 60
//  4 odd Hosts               client-input/place 43-47        9 endless chunk extensions, sockets without an error listener
//  5 codings, HTTP/2.0       framing 12-15, protocol 52        client-input/framing 19; here

import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { converse, statusesOf } from '../support/converse.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { inShort, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import { fieldOf, type StrictMessage } from '../support/strict-reader.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
async function upstreamSaying(
  answer: Parameters<typeof startRecordingUpstream>[0] = () => OK,
): Promise<RecordingUpstream> {
  const upstream = await startRecordingUpstream(answer)
  open.push(upstream)
  return upstream
}
async function gateWith(routes: string, more = '', names: string[] = []): Promise<TestGate> {
  const gate = await startGate(
    `${more}routes:\n${routes}`,
    names.length > 0 ? [await makeCertificate(names)] : [],
  )
  open.push(gate)
  return gate
}
const get = (path: string, fields = '', host = 'x') =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`
const ask = (gate: TestGate, ...pieces: string[]) => converse(gate.http, { pieces, finals: 1 })
const only = (upstream: RecordingUpstream): StrictMessage => {
  const taken = upstream.taken()
  expect(taken).toHaveLength(1)
  return taken[0]!
}

test('2 a body of unknown length stays one: no Content-Length is made up for it', async () => {
  const upstream = await upstreamSaying()
  const gate = await gateWith(`  x: 127.0.0.1:${upstream.port}\n`)
  await ask(
    gate,
    'DELETE /d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
    '5\r\nhello\r\n',
    '0\r\n\r\n',
  )
  const request = only(upstream)
  expect([fieldOf(request, 'content-length'), fieldOf(request, 'transfer-encoding'), request.body]).toEqual([
    '',
    'chunked',
    'hello',
  ])
})

test('5 Early Hints are not for a client of HTTP/1.0', async () => {
  const upstream = await upstreamSaying(() => `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`)
  const gate = await gateWith(`  x: 127.0.0.1:${upstream.port}\n`)
  expect(statusesOf(await converse(gate.http, { pieces: ['GET / HTTP/1.0\r\nHost: x\r\n\r\n'] }))).toEqual([
    200,
  ])
})

test('5b Early Hints are passed on without what would frame them', async () => {
  const upstream = await upstreamSaying(
    () => `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\n\r\n${OK}`,
  )
  const gate = await gateWith(`  x: 127.0.0.1:${upstream.port}\n`)
  const { replies } = await ask(gate, get('/'))
  expect(replies.map(({ start }) => start[1])).toEqual(['103', '200'])
  expect(replies[0]!.fields.map(([name]) => name).toSorted()).toEqual(['link', 'via'])
})

test('7 clients that leave do not count against the upstream', async () => {
  const upstreams = [await upstreamSaying(() => ''), await upstreamSaying(() => '')]
  const gate = await gateWith(`  x: [${upstreams.map(u => `127.0.0.1:${u.port}`).join(', ')}]\n`)
  for (let i = 0; i < 8; i++) {
    const socket = connect(gate.http, '127.0.0.1')
    socket.write(get('/'))
    while (upstreams.every(upstream => upstream.taken().length === 0))
      await new Promise(resolve => setImmediate(resolve))
    socket.destroy()
    await gate.records(i + 1)
  }
  const records = await gate.records(8)
  expect(records.map(({ aborted }) => aborted)).toEqual(Array(8).fill(true))
  expect(records.flatMap(({ verdicts }) => verdicts).filter(({ reason }) => reason === 'ejected')).toEqual([])
})

test('10 a kept connection that dies with the request on it: GET is asked again, POST is not', async () => {
  let serves = 1
  const upstream = await upstreamSaying((_request, socket) => {
    if (serves-- > 0) return OK
    serves = 1
    socket.destroy()
    return ''
  })
  const gate = await gateWith(`  x: 127.0.0.1:${upstream.port}\n`)
  expect(statusesOf(await ask(gate, get('/1')))).toEqual([200])
  expect(statusesOf(await ask(gate, get('/2')))).toEqual([200])
  expect(upstream.taken().map(inShort)).toEqual(['GET /1', 'GET /2', 'GET /2'])
  const post = 'POST /3 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'
  expect(statusesOf(await ask(gate, post))).toEqual([502])
  expect(upstream.taken().map(inShort)).toEqual(['POST /3'])
  const record = (await gate.records(3))[2]!
  expect(record.attempts.map(({ error, reused }) => [error, reused])).toEqual([
    ['connection_terminated', true],
  ])
})

test('10b a connection that its upstream soon closes is not kept for longer', async () => {
  const upstream = await upstreamSaying(
    () => `HTTP/1.1 200 OK\r\nKeep-Alive: timeout=2\r\nContent-Length: 0\r\n\r\n`,
  )
  const gate = await gateWith(`  x: 127.0.0.1:${upstream.port}\n`)
  await ask(gate, get('/1'))
  await ask(gate, get('/2'))
  expect(upstream.streams).toHaveLength(2)
})

test('11 an IPv6 Host is matched and kept', async () => {
  const upstream = await upstreamSaying()
  const gate = await gateWith(`  '*': 127.0.0.1:${upstream.port}\n`)
  await ask(gate, get('/', '', '[::1]:8080'))
  expect(fieldOf(only(upstream), 'host')).toBe('[::1]:8080')
  expect((await gate.records(1))[0]).toMatchObject({ host: '[::1]' })
})

test('11b X-Forwarded-Host never chooses the route, whoever says it', async () => {
  const [a, b] = [await upstreamSaying(), await upstreamSaying()]
  const gate = await gateWith(
    `  a.test: 127.0.0.1:${a.port}\n  b.test: 127.0.0.1:${b.port}\n`,
    'trustedProxies: [127.0.0.1]\n',
  )
  await ask(gate, get('/', 'X-Forwarded-Host: b.test\r\n', 'a.test'))
  expect([a.taken().length, b.taken().length]).toEqual([1, 0])
})

test('11c the Host chooses the route, and the name in the TLS handshake only the certificate', async () => {
  const [a, b] = [await upstreamSaying(), await upstreamSaying()]
  const gate = await gateWith(`  a.test: 127.0.0.1:${a.port}\n  b.test: 127.0.0.1:${b.port}\n`, '', [
    'a.test',
    'b.test',
  ])
  const socket = connectTls({
    port: gate.https,
    host: '127.0.0.1',
    servername: 'a.test',
    rejectUnauthorized: false,
  })
  socket.write(get('/', 'Connection: close\r\n', 'b.test'))
  for await (const _ of socket);
  expect([a.taken().length, b.taken().length]).toEqual([0, 1])
  // Both names stand in the record, for whoever wonders.
  expect((await gate.records(1))[0]).toMatchObject({ host: 'b.test', tls: { serverName: 'a.test' } })
})

test('12 no spelling of a path reaches an upstream of another route', async () => {
  const [pub, admin] = [await upstreamSaying(), await upstreamSaying()]
  const gate = await gateWith(`  x: 127.0.0.1:${pub.port}\n  x/admin/*: 127.0.0.1:${admin.port}\n`)
  const spellings = [
    '/admin/a',
    '//admin/a',
    '/./admin/a',
    '/p/../admin/a',
    '/p/%2e%2e/admin/a',
    '/%61dmin/a',
    '/p//..//admin//a',
    '/admin/./a',
  ]
  for (const path of spellings) {
    await ask(gate, get(path))
    expect([path, pub.taken().map(inShort), admin.taken().map(inShort)]).toEqual([path, [], ['GET /admin/a']])
  }
  for (const path of ['/admin%2fa', '/admina', '/ADMIN/a', '/p/..%2fadmin/a']) {
    await ask(gate, get(path))
    expect([path, admin.taken().map(inShort)]).toEqual([path, []])
    // Nothing that a backend would decode once more stands there in another spelling than was matched.
    expect(only(pub).start[1].toLowerCase()).toBe(path.toLowerCase())
  }
})

test('13 a forged X-Forwarded-For is no way around the limiter', async () => {
  const upstream = await upstreamSaying()
  const gate = await gateWith(`  x: { to: 127.0.0.1:${upstream.port}, limit: { rate: 1/h, burst: 2 } }\n`)
  const statuses: number[] = []
  for (let i = 0; i < 4; i++) {
    const forged = `X-Forwarded-For: 10.0.0.${i}\r\nForwarded: for=10.0.0.${i}\r\nX_Forwarded_For: 10.0.0.${i}\r\n`
    statuses.push(...statusesOf(await ask(gate, get('/', forged))))
  }
  expect(statuses).toEqual([200, 200, 429, 429])
})

test('15 a request under way ends where it began, the next one goes where the new file says', async () => {
  let release = (): void => {}
  const old = await upstreamSaying((_request, socket) => {
    release = () => socket.write(OK)
    return ''
  })
  const next = await upstreamSaying()
  const gate = await gateWith(`  x: 127.0.0.1:${old.port}\n`)
  const answer = converse(gate.http, { pieces: [get('/1'), get('/2')], finals: 2 })
  while (old.taken().length === 0) await new Promise(resolve => setImmediate(resolve))
  gate.reload(`routes:\n  x: 127.0.0.1:${next.port}\n`)
  release()
  expect(statusesOf(await answer)).toEqual([200, 200])
  expect(next.taken().map(inShort)).toEqual(['GET /2'])
})

test('Node 2: GET with Trailer is a request like any other', async () => {
  const upstream = await upstreamSaying()
  const gate = await gateWith(`  x: 127.0.0.1:${upstream.port}\n`)
  expect(statusesOf(await ask(gate, get('/', 'Trailer: foo\r\n')))).toEqual([200])
  expect(fieldOf(only(upstream), 'trailer')).toBe('')
})

test('Node 9: handshakes that break off or are no handshakes leave everybody else alone', async () => {
  const upstream = await upstreamSaying()
  const gate = await gateWith(`  x: 127.0.0.1:${upstream.port}\n`, '', ['x'])
  const hello = Buffer.from('16030100c8010000c40303', 'hex')
  for (const bytes of ['', 'GET / HTTP/1.1\r\n\r\n', hello, Buffer.alloc(2000, 0xff), Buffer.alloc(70_000)]) {
    for (const port of [gate.https, gate.http]) {
      const socket = connect(port, '127.0.0.1').on('error', () => {})
      socket.write(bytes)
      await new Promise(resolve => socket.once('connect', resolve))
      socket.resetAndDestroy()
    }
  }
  expect(statusesOf(await ask(gate, get('/')))).toEqual([200])
})
