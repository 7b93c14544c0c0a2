// Without these a crafted request could be read one way here and another way behind: smuggling, poisoning.
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let gate: TestGate

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    request.resume()
    request.on('end', () => response.end('ok'))
  })
  gate = await startGate(`routes:\n  x:\n    to: 127.0.0.1:${upstream.port}\n    guard: { maxBody: 1kb }\n`)
})
beforeEach(() => {
  upstream.hits = 0
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

const H = 'Host: x\r\n'
const chunked = `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n`

/** name, bytes, expected status; each must close the connection and reach nobody. */
const refused: [name: string, bytes: string, status: number][] = [
  [
    'CL and TE',
    `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['two CL', `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, 400],
  ['two equal CL', `POST / HTTP/1.1\r\n${H}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, 400],
  ['CL list', `POST / HTTP/1.1\r\n${H}Content-Length: 5, 5\r\n\r\nhello`, 400],
  ['CL +5', `POST / HTTP/1.1\r\n${H}Content-Length: +5\r\n\r\nhello`, 400],
  ['CL -1', `POST / HTTP/1.1\r\n${H}Content-Length: -1\r\n\r\n`, 400],
  ['CL empty', `POST / HTTP/1.1\r\n${H}Content-Length: \r\n\r\n`, 400],
  ['CL huge', `POST / HTTP/1.1\r\n${H}Content-Length: 9000000000000000000\r\n\r\n`, 413],
  ['TE xchunked', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: xchunked\r\n\r\n`, 501],
  ['TE gzip, chunked', `POST / HTTP/1.1\r\n${H}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 501],
  [
    'TE twice',
    `POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['TE on HTTP/1.0', `POST / HTTP/1.0\r\n${H}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['space before colon', `GET / HTTP/1.1\r\n${H}X : 1\r\n\r\n`, 400],
  ['obs-fold', `GET / HTTP/1.1\r\n${H}X: 1\r\n 2\r\n\r\n`, 400],
  ['NUL in a value', `GET / HTTP/1.1\r\n${H}X: a\0b\r\n\r\n`, 400],
  ['bare CR in a value', `GET / HTTP/1.1\r\n${H}X: a\rb\r\n\r\n`, 400],
  ['bare LF line ends', `GET / HTTP/1.1\nHost: x\n\n`, 400],
  ['control character in a value', `GET / HTTP/1.1\r\n${H}X: a\x01b\r\n\r\n`, 400],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', `GET / HTTP/1.1\r\n${H}Host: y\r\n\r\n`, 400],
  ['Host with userinfo', 'GET / HTTP/1.1\r\nHost: a@x\r\n\r\n', 400],
  ['Host with a path', 'GET / HTTP/1.1\r\nHost: x/y\r\n\r\n', 400],
  ['Host empty', 'GET / HTTP/1.1\r\nHost: \r\n\r\n', 400],
  ['Host with a bad port', 'GET / HTTP/1.1\r\nHost: x:99999\r\n\r\n', 400],
  ['absolute form that disagrees', `GET http://evil/ HTTP/1.1\r\n${H}\r\n`, 400],
  ['absolute form of a file', `GET file:///etc/passwd HTTP/1.1\r\n${H}\r\n`, 400],
  ['HTTP/0.9', 'GET /\r\n\r\n', 400],
  ['fragment in the target', `GET /a#b HTTP/1.1\r\n${H}\r\n`, 400],
  ['climbing above the root', `GET /a/../../b HTTP/1.1\r\n${H}\r\n`, 400],
  ['escaped climbing', `GET /%2e%2e/b HTTP/1.1\r\n${H}\r\n`, 400],
  ['escaped NUL', `GET /a%00 HTTP/1.1\r\n${H}\r\n`, 400],
  ['escaped CRLF', `GET /a%0d%0aX:1 HTTP/1.1\r\n${H}\r\n`, 400],
  ['malformed escape', `GET /a%zz HTTP/1.1\r\n${H}\r\n`, 400],
  ['overlong UTF-8', `GET /%c0%ae HTTP/1.1\r\n${H}\r\n`, 400],
  ['backslash', `GET /a\\b HTTP/1.1\r\n${H}\r\n`, 400],
  ['framing twin', `POST / HTTP/1.1\r\n${H}Content_Length: 5\r\n\r\n`, 400],
  ['TLS on the plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
  ['binary noise', '\x00\xff\x00\xff\r\n\r\n', 400],
  ['HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['URL of 9 KB', `GET /${'a'.repeat(9000)} HTTP/1.1\r\n${H}\r\n`, 414],
  ['3000 fields', `GET / HTTP/1.1\r\n${H}${'X: 1\r\n'.repeat(3000)}\r\n`, 431],
  ['field of 20 KB', `GET / HTTP/1.1\r\n${H}X: ${'a'.repeat(20_000)}\r\n\r\n`, 431],
  ['CONNECT', 'CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n', 405],
]

test.each(refused)('%s is refused and reaches nobody', async (_name, bytes, status) => {
  const answer = await rawRequest(gate.http, bytes)
  expect(answer.statuses).toEqual([status])
  expect(answer.closed).toBe(true)
  expect(upstream.hits).toBe(0)
})

test.each([
  ['chunk size 0x5', `${chunked}0x5\r\nhello\r\n0\r\n\r\n`],
  ['chunk size overflow', `${chunked}fffffffffffffffff\r\nhello`],
  ['chunk data without CRLF', `${chunked}5\r\nhelloX\r\n0\r\n\r\n`],
])('%s does not become a request that succeeds', async (_name, bytes) => {
  const answer = await rawRequest(gate.http, bytes)
  expect(answer.statuses.filter(status => status < 400)).toEqual([])
})

test('what a malformed request said is counted and recorded with its reason, not echoed', async () => {
  await gate.records(0)
  gate.recorder.take()
  const answer = await rawRequest(gate.http, 'GET / HTTP/1.1\r\nHost: x\r\nHost: <script>\r\n\r\n')
  expect(answer.text).not.toContain('script')
  const record = (await gate.records(1)).findLast(r => r.route === '_rejected')!
  expect(record).toMatchObject({ status: 400, error: 'malformed_request', errorText: 'two_hosts' })
})

test('a declared body over the limit is refused naming the route and the key', async () => {
  const { text } = await rawRequest(gate.http, `POST / HTTP/1.1\r\n${H}Content-Length: 5000\r\n\r\n`)
  expect(text).toMatch(/^HTTP\/1\.1 413 /)
  expect(text).toContain('guard.maxBody')
  expect(text).toContain('x')
  expect(upstream.hits).toBe(0)
})

test('a chunked body that grows over the limit is refused', async () => {
  const body = `${'400\r\n'}${'a'.repeat(1024)}\r\n`.repeat(4)
  const { statuses } = await rawRequest(gate.http, `${chunked}${body}0\r\n\r\n`, text =>
    text.includes('guard.maxBody'),
  )
  expect(statuses).toEqual([413])
})

test('one empty line before a request is tolerated, two are not', async () => {
  const get = `GET / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`
  expect((await rawRequest(gate.http, `\r\n${get}`)).statuses).toEqual([200])
  expect((await rawRequest(gate.http, `\r\n\r\n${get}`)).statuses).toEqual([400])
})

test('pipelined requests are answered in order', async () => {
  const one = `GET /1 HTTP/1.1\r\n${H}\r\n`
  const last = `GET /2 HTTP/1.1\r\n${H}Connection: close\r\n\r\n`
  const { statuses } = await rawRequest(gate.http, one + one + last)
  expect(statuses).toEqual([200, 200, 200])
})

test('Expect: 100-continue is answered once the request is let in, and not when it is refused', async () => {
  const ok = await rawRequest(
    gate.http,
    `POST / HTTP/1.1\r\n${H}Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n`,
    undefined,
    text => (text.includes('100 Continue') && !text.includes('200') ? 'hi' : ''),
  )
  expect(ok.statuses).toEqual([100, 200])
  const large = await rawRequest(
    gate.http,
    `POST / HTTP/1.1\r\n${H}Content-Length: 5000\r\nExpect: 100-continue\r\n\r\n`,
  )
  expect(large.statuses).toEqual([413])
  const odd = await rawRequest(
    gate.http,
    `POST / HTTP/1.1\r\n${H}Content-Length: 2\r\nExpect: banana\r\nConnection: close\r\n\r\nhi`,
  )
  expect(odd.statuses).toEqual([417])
})

test('OPTIONS * and TRACE are answered here', async () => {
  const options = await rawRequest(gate.http, `OPTIONS * HTTP/1.1\r\n${H}Connection: close\r\n\r\n`)
  expect(options.statuses).toEqual([200])
  const trace = await rawRequest(gate.http, `TRACE / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`)
  expect(trace.statuses).toEqual([405])
  expect(upstream.hits).toBe(0)
})

test('a body or a field that makes a request none is counted and told as a refusal, too', async () => {
  // Of its own: how many lines there are in a second is limited.
  const fresh = await startGate(`routes:\n  x: 127.0.0.1:${upstream.port}\n`)
  await rawRequest(fresh.http, `${chunked}0x5\r\nhello\r\n0\r\n\r\n`)
  await rawRequest(fresh.http, `GET / HTTP/1.1\r\n${H}Connection: close, Host\r\n\r\n`)
  await rawRequest(fresh.http, `GET /%00?token=s3cret HTTP/1.1\r\n${H}\r\n`)
  const { counts, lines } = fresh.recorder.rejects.http.take()!
  expect(Object.fromEntries(counts)).toMatchObject({ bad_body: 1, connection_field: 1 })
  expect(counts).toHaveLength(3)
  expect(lines.map(line => line.bytes)).toEqual(['POST /', 'GET /', 'GET /%00?token=[redacted]'])
  await fresh.close()
})

test('a secret in a head that came in pieces is neither logged nor taken for a target', async () => {
  const fresh = await startGate(`routes:\n  x: 127.0.0.1:${upstream.port}\n`)
  const head = `GET /a HTTP/1.1\r\n${H}Authorization: Basic s3cret\r\nX: a\x01b\r\n\r\n`
  for (let cut = head.indexOf('Auth'); cut < head.indexOf('\r\nX'); cut++) {
    const socket = connect({ port: fresh.http, host: '127.0.0.1', noDelay: true })
    const closed = new Promise(resolve => socket.on('close', resolve).resume())
    socket.write(head.slice(0, cut))
    // A whole exchange later the first piece has been read.
    await rawRequest(fresh.http, `GET / HTTP/1.1\r\n${H}Connection: close\r\n\r\n`)
    socket.end(head.slice(cut))
    await closed
  }
  const { lines } = fresh.recorder.rejects.http.take()!
  for (const line of lines)
    expect(line.bytes).toMatch(/^GET \/a HTTP\/1\.1\\r\\nHost: x\\r\\nAuthorization: \[redacted\]/)
  const records = (await fresh.records(0)).filter(record => record.route === '_rejected')
  expect(new Set(records.map(record => record.path))).toEqual(new Set(['/a']))
  expect(JSON.stringify(records)).not.toContain('s3cret')
  await fresh.close()
})
