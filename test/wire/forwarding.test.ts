// Without these a user's app would see wrong clients, lose replies or hang: the plain life of a request.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let gate: TestGate

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    if (request.url === '/hop') response.setHeader('connection', 'x-up')
    response.setHeader('x-up', 'secret')
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const { method, url, rawHeaders } = request
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ method, url, rawHeaders, body: Buffer.concat(chunks).toString() }))
    })
  })
  gate = await startGate(`routes:\n  app.test:\n    to: 127.0.0.1:${upstream.port}\n`)
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

const seen = async (head: string, body = '') => {
  const { text } = await rawRequest(gate.http, `${head}\r\nConnection: close\r\n\r\n${body}`)
  const json = text.slice(text.indexOf('\r\n\r\n') + 4)
  const { rawHeaders, ...rest } = JSON.parse(json.slice(json.indexOf('{'), json.lastIndexOf('}') + 1))
  const fields = new Map<string, string>()
  for (let i = 0; i < rawHeaders.length; i += 2) fields.set(rawHeaders[i].toLowerCase(), rawHeaders[i + 1])
  return { ...rest, fields, text }
}

test('a request reaches the upstream with Host kept and forwarding fields written', async () => {
  const { method, url, fields } = await seen('GET /a/b?q=1&q=2 HTTP/1.1\r\nHost: app.test\r\nX-Own: 1')
  expect([method, url, fields.get('host'), fields.get('x-own')]).toEqual([
    'GET',
    '/a/b?q=1&q=2',
    'app.test',
    '1',
  ])
  expect(fields.get('x-forwarded-for')).toBe('127.0.0.1')
  expect(fields.get('x-forwarded-proto')).toBe('http')
  expect(fields.get('x-forwarded-host')).toBe('app.test')
  expect(fields.get('via')).toBe('1.1 oriel')
  expect(fields.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/)
})

test('a stranger cannot pass for another client', async () => {
  const { fields } = await seen(
    'GET / HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: https\r\n' +
      'X_Forwarded_For: 8.8.8.8\r\nX-Forwarded.For: 7.7.7.7\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 5.5.5.5',
  )
  expect(JSON.stringify([...fields])).not.toMatch(
    /9\.9\.9\.9|8\.8\.8\.8|7\.7\.7\.7|6\.6\.6\.6|5\.5\.5\.5|https/,
  )
})

test('fields of one connection stay on it, in both directions', async () => {
  const { fields, text } = await seen(
    'GET /hop HTTP/1.1\r\nHost: app.test\r\nConnection: X-Secret\r\nX-Secret: s\r\nKeep-Alive: timeout=5\r\nTE: gzip',
  )
  expect(fields.has('x-secret')).toBe(false)
  expect(fields.has('keep-alive')).toBe(false)
  expect(fields.has('te')).toBe(false)
  expect(text.toLowerCase()).not.toContain('x-up: secret')
})

test('what is matched is what is forwarded', async () => {
  const { url } = await seen('GET /a/./b/../c//d%7e%2f%c3%a9?x=%zz HTTP/1.1\r\nHost: app.test')
  expect(url).toBe('/a/c/d~%2F%C3%A9?x=%zz')
})

test('a chunked body arrives whole', async () => {
  const { body, method } = await seen(
    'POST /up HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked',
    '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n',
  )
  expect([method, body]).toEqual(['POST', 'hello world'])
})

test('each exchange leaves one record that says what happened', async () => {
  const before = (await gate.records(0)).length
  await seen('GET /record?token=abc&x=1 HTTP/1.1\r\nHost: app.test\r\nAuthorization: Bearer s3cret')
  const record = (await gate.records(before + 1)).at(-1)!
  expect(record).toMatchObject({
    route: 'app.test',
    method: 'GET',
    path: '/record',
    status: 200,
    answeredBy: 'upstream',
  })
  expect(record.query).toBe('token=[redacted]&x=1')
  expect(JSON.stringify(record)).not.toContain('s3cret')
  expect(record.verdicts.map(v => `${v.stage} ${v.reason}`)).toEqual(
    expect.arrayContaining(['trace started', 'route matched', 'guard passed', 'forward picked']),
  )
  expect(record.attempts).toHaveLength(1)
})

test('an unknown host learns nothing of the known ones', async () => {
  const { text } = await rawRequest(
    gate.http,
    'GET / HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n',
  )
  expect(text).toMatch(/^HTTP\/1\.1 404 /)
  expect(text).not.toContain('app.test')
})

test('a connection whose upload was held back serves the next request', async () => {
  const slow = await startUpstream((request, response) => {
    // Reads only after a while: the gate has to hold the client meanwhile.
    setImmediate(() => request.resume())
    request.pause()
    request.on('end', () => response.end('taken'))
  })
  const other = await startGate(`routes:\n  x:\n    to: 127.0.0.1:${slow.port}\n`)
  const size = 24 * 1024 * 1024
  const { statuses } = await rawRequest(other.http, [
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`,
    Buffer.alloc(size),
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
  ])
  expect(statuses).toEqual([200, 200])
  await other.close()
  await slow.close()
})
