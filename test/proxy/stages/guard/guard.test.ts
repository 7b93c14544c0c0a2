// Guard: every refusal with the section that asks for it.
import { describe, expect, it } from 'vitest'
import { ProxyError } from '../../../../proxy/pipeline/errors.ts'
import type { Exchange } from '../../../../proxy/pipeline/exchange.ts'
import type { Reply } from '../../../../proxy/pipeline/reply.ts'
import { guard } from '../../../../proxy/stages/guard/guard.ts'
import { type Ask, HandBody, ok, ReadyBody, reasons, send, stageEnv } from '../support.ts'

const stage = guard.create({ maxBody: 10, strictPath: false }, stageEnv())!

async function ask(given: Ask) {
  const seen = await send([stage], () => ok(), given)
  return { ...seen, reason: reasons(seen.x, 'guard') }
}

/** An upstream that reads the request's body to its end. */
function reader(x: Exchange): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let text = ''
    x.body!.start({
      chunk: data => (text += data) !== '',
      end: () => resolve(ok(text)),
      error: reject,
    })
  })
}

describe('methods', () => {
  it.each(['TRACE', 'CONNECT'])('%s is answered 405 with Allow (RFC 9110 section 15.5.6)', async method => {
    const { status, headers, x } = await ask({ method })
    expect(status).toBe(405)
    expect(headers.get('allow')).toContain('GET')
    expect(x.error).toBe('http_request_denied')
  })

  it('passes only those a route names', async () => {
    const narrow = guard.create({ maxBody: 10, methods: ['GET', 'HEAD'], strictPath: false }, stageEnv())!
    expect((await send([narrow], () => ok(), { method: 'GET' })).status).toBe(200)
    const refused = await send([narrow], () => ok(), { method: 'POST' })
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('answers OPTIONS itself when Max-Forwards is 0 (RFC 9110 section 7.6.2)', async () => {
    const { status, reason } = await ask({ method: 'OPTIONS', headers: { 'max-forwards': '0' } })
    expect([status, reason]).toEqual([200, ['answered-options']])
  })

  it('counts Max-Forwards down when it forwards OPTIONS', async () => {
    const { x, reason } = await ask({ method: 'OPTIONS', headers: { 'max-forwards': '3' } })
    expect([x.headers.get('max-forwards'), reason]).toEqual(['2', ['passed']])
  })
})

describe('size', () => {
  it('refuses an announced body over the limit and names key and route', async () => {
    const { status, body, x } = await ask({ method: 'POST', body: new HandBody(11) })
    expect(status).toBe(413)
    expect(body.toString()).toContain('guard.maxBody of route app.example.com')
    expect(x.error).toBe('request_too_large')
    expect(x.notes[0]).toMatchObject({ reason: 'too-large', a: 11, b: 10 })
  })

  it('passes one of exactly the limit', async () => {
    expect((await ask({ method: 'POST', body: new HandBody(10) })).status).toBe(200)
  })

  it('passes a body of unannounced length as long as it stays under', async () => {
    const seen = await send([stage], reader, { method: 'POST', body: new ReadyBody(['12345', '67890']) })
    expect(seen.body.toString()).toBe('1234567890')
  })

  it('cuts one that grows over the limit while it flows', async () => {
    const seen = await send([stage], reader, {
      method: 'POST',
      body: new ReadyBody(['12345', '678901', 'more']),
    })
    expect(seen.status).toBe(413)
    expect(seen.x.error).toBe('request_too_large')
    expect(reasons(seen.x, 'guard')).toEqual(['passed', 'too-large'])
  })

  it('passes on that the client’s body broke off', async () => {
    const broken = new ReadyBody(['1'], -1, new ProxyError('client_aborted', 'gone', { status: 400 }))
    expect((await send([stage], reader, { method: 'POST', body: broken })).x.error).toBe('client_aborted')
  })
})

describe('fields', () => {
  it.each([
    ['100-continue', 200],
    ['100-Continue', 200],
    ['banana', 417],
    ['100-continue, x', 417],
  ])('Expect: %s → %i (RFC 9110 section 10.1.1)', async (expectation, status) => {
    expect((await ask({ headers: { expect: expectation } })).status).toBe(status)
  })

  it.each([
    ['keep-alive', 200],
    ['keep-alive, Upgrade', 200],
    ['x-hostile', 200],
    ['x-forwardedish', 200],
    ['close, Host', 400],
    ['content-length', 400],
    ['Transfer-Encoding', 400],
    ['traceparent', 400],
    ['x-request-id', 400],
  ])('Connection: %s → %i (RFC 9110 section 7.6.1)', async (connection, status) => {
    expect((await ask({ headers: { connection } })).status).toBe(status)
    expect((await ask({ headers: { connection }, trusted: true })).status).toBe(status)
  })

  it.each(['x-forwarded-for', 'X-Forwarded-Proto', 'close,forwarded'])(
    'Connection: %s → 400 only from a trusted proxy: for nobody else would it change who asked',
    async connection => {
      expect((await ask({ headers: { connection }, trusted: true })).status).toBe(400)
      expect((await ask({ headers: { connection } })).status).toBe(200)
    },
  )

  it('looks at every Connection field', async () => {
    expect((await ask({ headers: ['Connection', 'close', 'Connection', 'host'] })).status).toBe(400)
  })

  it('answers another WebSocket version with the one it speaks (RFC 6455 section 4.2.2)', async () => {
    const old = await ask({ upgrade: 'websocket', headers: { 'sec-websocket-version': '8' } })
    expect([old.status, old.headers.get('sec-websocket-version')]).toEqual([426, '13'])
    const key = { 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
    expect((await ask({ upgrade: 'websocket', headers: key })).status).toBe(200)
    const odd = await ask({ upgrade: 'websocket', headers: { ...key, 'sec-websocket-key': 'short' } })
    expect(odd.status).toBe(400)
  })

  it.each([
    [5, 200],
    [6, 508],
  ])('after %i passes through here: %i', async (passes, status) => {
    const via = Array.from({ length: passes }, () => '1.1 oriel').join(', ')
    expect((await ask({ headers: { via: `${via}, 1.1 oriel-other, 2.0 cdn (oriel)` } })).status).toBe(status)
  })

  it('ignores Range with more than 16 ranges (RFC 9110 section 14.2)', async () => {
    const ranges = (n: number) => `bytes=${Array.from({ length: n }, (_, i) => `${i}-${i}`).join(',')}`
    expect((await ask({ headers: { range: ranges(16) } })).x.headers.has('range')).toBe(true)
    const many = await ask({ headers: { range: ranges(17) } })
    expect([many.x.headers.has('range'), many.reason]).toEqual([false, ['ranges-dropped', 'passed']])
  })
})
