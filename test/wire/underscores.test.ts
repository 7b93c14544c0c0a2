// Row 34 of client input, over both protocols: a twin that arrives is a header which nobody checked.
import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let gate: TestGate
let session: ClientHttp2Session

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    response.setHeader('cache-control', 'max-age=60')
    response.end(JSON.stringify(request.headers))
  })
  const to = `to: '127.0.0.1:${upstream.port}'`
  gate = await startGate(
    `routes:
  '*/plain': { ${to} }
  '*/odd': { ${to}, allowUnderscores: true }
  '*/cached': { ${to}, allowUnderscores: true, cache: true }
`,
    [await makeCertificate(['x'])],
  )
  session = connect(`https://127.0.0.1:${gate.https}`, { rejectUnauthorized: false, servername: 'x' })
  await once(session, 'connect')
})
afterAll(async () => {
  session.destroy()
  await gate.close()
  await upstream.close()
})

type Answer = { status: number; told: Record<string, string> }
type Ask = (path: string, fields: Record<string, string>) => Promise<Answer>

const read = (status: number, text: string): Answer => ({
  status,
  told: status === 200 ? JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) : {},
})

const http1: Ask = async (path, fields) => {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `GET ${path} HTTP/1.1\r\nHost: x\r\n${lines.join('')}Connection: close\r\n\r\n`
  const { statuses, text } = await rawRequest(gate.http, head)
  return read(statuses[0]!, text)
}

const http2: Ask = async (path, fields) => {
  const stream = session.request({ ':path': path, ':authority': 'x', ...fields })
  const [head] = await once(stream, 'response')
  let text = ''
  for await (const chunk of stream) text += chunk
  return read(head[':status'], text)
}

const odd = (told: Record<string, string>) =>
  Object.entries(told).filter(([name]) => /[_.]/.test(name) || name === 'x-own')

test.each([
  ['HTTP/1.1', http1],
  ['HTTP/2', http2],
])(
  '%s: names with an underscore or a dot are dropped, and kept where the route allows them',
  async (_, ask) => {
    const fields = { x_own: '1', 'x.own': '2', 'x-own': '3' }
    expect(odd((await ask('/plain', fields)).told)).toEqual([['x-own', '3']])
    expect(odd((await ask('/odd', fields)).told)).toEqual(Object.entries(fields))
  },
)

test.each([
  ['HTTP/1.1', http1],
  ['HTTP/2', http2],
])('%s: what passes for a field of ours, or of one connection, is dropped all the same', async (_, ask) => {
  const twins =
    'x_forwarded_for x.forwarded.for x_forwarded-for x-forwarded_proto x_forwarded_user x_real_ip x_request_id proxy_authorization keep_alive http2_settings'
  const fields = Object.fromEntries(twins.split(' ').map(name => [name, 'evil']))
  const { status, told } = await ask('/odd', fields)
  expect([status, odd(told)]).toEqual([200, []])
  expect(told['x-forwarded-for']).toBe('127.0.0.1')
})

test.each([
  ['HTTP/1.1', http1],
  ['HTTP/2', http2],
])('%s: a twin of a framing field is refused all the same', async (_, ask) => {
  for (const name of ['transfer_encoding', 'transfer.encoding', 'content_length', 'content.length'])
    expect((await ask('/odd', { [name]: '5' })).status, name).toBe(400)
})

test('a twin of a field that Connection names goes with it', async () => {
  const { statuses, text } = await rawRequest(
    gate.http,
    'GET /odd HTTP/1.1\r\nHost: x\r\nConnection: close, X-Own\r\nX_Own: 1\r\n\r\n',
  )
  expect(odd(read(statuses[0]!, text).told)).toEqual([])
})

test('a twin of a field that chooses another resource does not come to a cached route', async () => {
  const { told } = await http1('/cached', {
    x_original_url: '/other',
    'x.http.method.override': 'DELETE',
    x_own: '1',
  })
  expect(odd(told)).toEqual([['x_own', '1']])
})
