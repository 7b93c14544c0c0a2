// Row 79 of client input, over both protocols: a backend that reads a path in another way serves what a rule had closed.
import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let gate: TestGate
let session: ClientHttp2Session

beforeAll(async () => {
  upstream = await startUpstream((request, response) => response.end(request.url))
  const to = `to: '127.0.0.1:${upstream.port}'`
  gate = await startGate(`routes:\n  strict: { ${to}, guard: { strictPath: true } }\n  plain: { ${to} }\n`, [
    await makeCertificate(['strict', 'plain']),
  ])
  session = connect(`https://127.0.0.1:${gate.https}`, { rejectUnauthorized: false, servername: 'strict' })
  await once(session, 'connect')
})
afterAll(async () => {
  session.destroy()
  await gate.close()
  await upstream.close()
})

type Ask = (host: string, target: string) => Promise<number>

const http1: Ask = async (host, target) => {
  const head = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
  return (await rawRequest(gate.http, head)).statuses[0]!
}
const http2: Ask = async (host, target) => {
  const stream = session.request({ ':path': target, ':authority': host }).resume()
  const [head] = await once(stream, 'response')
  return head[':status']
}
const both = async (host: string, target: string) => [await http1(host, target), await http2(host, target)]

test.each([
  '/a%5cb',
  '/a%5Cb',
  '/a%2fb',
  '/admin;x',
  '/..;/admin',
  '/a%3bx',
  '/a%3Fb',
  '/a%23b',
  '/%252e%252e/a',
  '/a%01b',
  '/a%7f',
  '/a/%2e%2e/b',
  '/a/.%2e/b',
  '/a/%2E',
])('%s is 400 in a strict route, and no backend sees it; in others it passes', async target => {
  const { hits } = upstream
  expect(await both('strict', target)).toEqual([400, 400])
  expect(upstream.hits).toBe(hits)
  expect(await both('plain', target)).toEqual([200, 200])
})

test.each([
  '/',
  '/a/../b//c',
  '/caf%C3%A9/a%20b',
  '/a.b/..c/.d/e..',
  '/q?a=%2f%5c;b&c=%2e%2e/',
  '/a%2eb/%2ehidden',
])('%s has one reading, and passes strict routes too', async target => {
  expect(await both('strict', target)).toEqual([200, 200])
})

test('the record says why, and the count of refusals has its own word', async () => {
  gate.recorder.rejects.http.take()
  expect(await http1('strict', '/told%5cso')).toBe(400)
  // An answer over HTTP/2 is on record when it has left, which its client may see sooner.
  const record = await vi.waitFor(async () => {
    const found = (await gate.records(0)).find(({ path }) => path.endsWith('so'))
    expect(found).toBeDefined()
    return found!
  })
  expect(record).toMatchObject({ route: 'strict', status: 400, error: 'malformed_request', attempts: [] })
  expect(record.verdicts.at(-1)).toMatchObject({ stage: 'guard', reason: 'strict-path' })
  expect(gate.recorder.rejects.http.take()?.counts).toEqual([['strict_path', 1]])
})
