// Apps build links, audit trails and locks on these fields: they must say what was seen, and nothing a stranger said.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { converse } from '../support/converse.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let stranger: TestGate
let trusted: TestGate

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    response.setHeader('alt-svc', 'h3=":443"')
    response.end(JSON.stringify(request.headers))
  })
  const to = `127.0.0.1:${upstream.port}`
  const routes = `forwarded: both\nroutes:\n  app.test: ${to}\n  x.test: { to: '${to}', forwarded: x-forwarded }\n  f.test: { to: '${to}', forwarded: forwarded }\n`
  stranger = await startGate(routes)
  trusted = await startGate(`trustedProxies: [127.0.0.1, 10.0.0.0/8]\n${routes}`)
})
afterAll(async () => {
  await stranger.close()
  await trusted.close()
  await upstream.close()
})

/** What the upstream gets. */
async function told(gate: TestGate, fields: string, host = 'app.test'): Promise<Record<string, string>> {
  const { text } = await rawRequest(
    gate.http,
    `GET / HTTP/1.1\r\nHost: ${host}\r\n${fields}Connection: close\r\n\r\n`,
  )
  return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1))
}

test('each style writes its own fields and no others', async () => {
  const x = await told(stranger, '', 'x.test')
  expect([x['x-forwarded-for'], x['x-forwarded-proto'], x['x-forwarded-host'], x.forwarded]).toEqual([
    '127.0.0.1',
    'http',
    'x.test',
    undefined,
  ])
  const f = await told(stranger, '', 'f.test:8080')
  expect([f['x-forwarded-for'], f['x-forwarded-proto'], f['x-forwarded-host'], f.forwarded]).toEqual([
    undefined,
    undefined,
    undefined,
    'for=127.0.0.1;host="f.test:8080";proto=http',
  ])
  const both = await told(stranger, '')
  expect([both['x-forwarded-for'], both.forwarded]).toEqual([
    '127.0.0.1',
    'for=127.0.0.1;host=app.test;proto=http',
  ])
})

test('nothing that a stranger says of a client passes, under no name of the family', async () => {
  const fields = ['Forwarded: for=6.6.6.6;host=evil;proto=https']
  for (const name of [
    'For',
    'Proto',
    'Host',
    'Port',
    'Server',
    'Prefix',
    'Scheme',
    'Ssl',
    'User',
    'Client-Ip',
  ])
    fields.push(`X-Forwarded-${name}: evil`, `X_Forwarded_${name}: evil`)
  fields.push('X-Real-IP: 6.6.6.6', 'X.Real.IP: 6.6.6.6')
  const got = await told(stranger, `${fields.join('\r\n')}\r\n`)
  expect(JSON.stringify(got)).not.toMatch(/evil|6\.6\.6\.6|https/)
  expect(got['x-forwarded-for']).toBe('127.0.0.1')
})

test("a trusted proxy's word is kept from the client on, what the client made up before is not", async () => {
  const got = await told(
    trusted,
    'X-Forwarded-For: 6.6.6.6, 1.2.3.4\r\nX-Forwarded-For: 10.0.0.2\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.test\r\nX-Forwarded-Prefix: /a\r\n',
  )
  expect([
    got['x-forwarded-for'],
    got['x-forwarded-proto'],
    got['x-forwarded-host'],
    got['x-forwarded-prefix'],
  ]).toEqual(['1.2.3.4, 10.0.0.2, 127.0.0.1', 'https', 'shop.test', '/a'])
  expect(got.forwarded).toBe(
    'for=1.2.3.4;host=shop.test;proto=https, for=10.0.0.2, for=127.0.0.1;host=app.test;proto=http',
  )
})

test('a chain told in the other language is translated', async () => {
  const got = await told(
    trusted,
    'Forwarded: for=6.6.6.6, for="[2001:db8::1]:99";proto=https;host="shop.test:444", for=10.0.0.2;proto=http\r\n',
  )
  expect([got['x-forwarded-for'], got['x-forwarded-proto'], got['x-forwarded-host']]).toEqual([
    '2001:db8::1, 10.0.0.2, 127.0.0.1',
    'https',
    'shop.test:444',
  ])
  expect(got.forwarded).toBe(
    'for="[2001:db8::1]";host="shop.test:444";proto=https, for=10.0.0.2, for=127.0.0.1;host=app.test;proto=http',
  )
})

test('what a trusted proxy passes on unread does not become a scheme or a host', async () => {
  const got = await told(
    trusted,
    'X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: javascript\r\nX-Forwarded-Host: a@b/c\r\n',
  )
  expect([got['x-forwarded-proto'], got['x-forwarded-host']]).toEqual(['http', 'app.test'])
})

test('two fields that contradict each other are both left out, and the record says so', async () => {
  const got = await told(
    trusted,
    'X-Forwarded-For: 1.2.3.4\r\nForwarded: for=6.6.6.6\r\nX-Forwarded-Proto: https\r\n',
  )
  expect([got['x-forwarded-for'], got['x-forwarded-proto'], got.forwarded]).toEqual([
    '127.0.0.1',
    'http',
    'for=127.0.0.1;host=app.test;proto=http',
  ])
  const record = (await trusted.records(0)).at(-1)!
  expect(record.client).toBe('127.0.0.1')
  expect(record.verdicts[0]).toMatchObject({ stage: 'wire', reason: 'contradiction' })
})

test('a trusted proxy that takes its own word back by naming it in Connection is refused, a stranger is not heard', async () => {
  const head = (host: string, connection: string) =>
    `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close, ${connection}\r\n\r\n`
  for (const name of ['X-Forwarded-For', 'x-forwarded-host', 'Forwarded']) {
    expect((await rawRequest(trusted.http, head('app.test', name))).statuses, name).toEqual([400])
    expect((await rawRequest(stranger.http, head('app.test', name))).statuses, name).toEqual([200])
  }
  const got = await told(stranger, 'X-Forwarded-For: 6.6.6.6\r\nConnection: X-Forwarded-For\r\n')
  expect([got['x-forwarded-for'], got.forwarded]).toEqual([
    '127.0.0.1',
    'for=127.0.0.1;host=app.test;proto=http',
  ])
})

test('whether a peer is trusted is asked anew after a reload, also of a head that is remembered', async () => {
  const to = `routes:\n  app.test: 127.0.0.1:${upstream.port}\n`
  const gate = await startGate(to)
  const head =
    'GET / HTTP/1.1\r\nHost: app.test\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: X-Forwarded-For\r\n\r\n'
  let asked = 0
  const { replies } = await converse(gate.http, {
    pieces: [head],
    finals: 3,
    more: (_text, whole) => {
      if (whole <= asked) return ''
      asked = whole
      if (whole === 2) gate.reload(`trustedProxies: [127.0.0.1]\n${to}`)
      return whole < 3 ? head : ''
    },
  })
  await gate.close()
  expect(replies.map(({ start }) => start[1])).toEqual(['200', '200', '400'])
})

test('Expect stays here, TE says trailers or nothing, Via grows, Alt-Svc does not lead past us', async () => {
  const got = await told(stranger, 'TE: gzip;q=0.5, trailers\r\nVia: 1.0 fred\r\nExpect: 100-continue\r\n')
  expect([got.te, got.via, got.expect]).toEqual(['trailers', '1.0 fred, 1.1 oriel', undefined])
  expect((await told(stranger, 'TE: x-trailers\r\n')).te).toBeUndefined()
  const { text } = await rawRequest(
    stranger.http,
    'GET / HTTP/1.1\r\nHost: app.test\r\nConnection: close\r\n\r\n',
  )
  expect(text).not.toMatch(/^alt-svc/im)
  expect(text).toMatch(/^via: 1\.1 oriel\r$/im)
})
