// The cache over real sockets: one fetch for a crowd, bodies that flow to all of it, and nothing half in the store.
import { once } from 'node:events'
import { Agent, get as httpGet, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startRawUpstream, startUpstream, type TestUpstream } from '../support/upstream.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function cachedRoute(upstream: TestUpstream, cache = 'true'): Promise<TestGate> {
  open.push(upstream)
  const gate = await startGate(`routes:\n  '*':\n    to: 127.0.0.1:${upstream.port}\n    cache: ${cache}\n`)
  open.push(gate)
  return gate
}

interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
}

/** A connection of its own for each. */
function begin(port: number, path = '/', headers: Record<string, string> = {}) {
  const agent = new Agent()
  const request = httpGet({ port, host: '127.0.0.1', path, agent, headers: { host: 'x', ...headers } })
  const head = once(request, 'response').then(([response]) => response as IncomingMessage)
  const answer = head.then(async (response): Promise<Answer> => {
    let text = ''
    for await (const chunk of response) text += chunk
    agent.destroy()
    return { status: response.statusCode!, headers: response.headers, text }
  })
  answer.catch(() => {})
  return { request, head, answer }
}

const ask = (gate: TestGate, path = '/', headers = {}) => begin(gate.http, path, headers).answer

/** Resolves once `condition` holds: polled between events, with an end. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it never came to that')
    await new Promise(resolve => setImmediate(resolve))
  }
}

const FRESH = { 'cache-control': 'max-age=60', 'content-type': 'text/plain' }

describe('a crowd at a cold key', () => {
  it('of a thousand is one request upstream, and all read it as it comes', async () => {
    let response: ServerResponse | undefined
    const upstream = await startUpstream((_request, it) => {
      response = it
    })
    const gate = await cachedRoute(upstream)
    const crowd = Array.from({ length: 1000 }, () => begin(gate.http, '/cold'))
    await until(() => response !== undefined && gate.entry.inFlight === 1000)
    response!.writeHead(200, FRESH)
    response!.write('first ')
    // Their heads and first bytes are there before the body has ended.
    await Promise.all(crowd.map(one => one.head))
    expect(response!.writableEnded).toBe(false)
    response!.end('second')
    const answers = await Promise.all(crowd.map(one => one.answer))
    expect(new Set(answers.map(one => `${one.status} ${one.text}`))).toEqual(new Set(['200 first second']))
    expect(upstream.hits).toBe(1)
    const verdicts = answers.map(one => /fwd=uri-miss.*collapsed/.test(String(one.headers['cache-status'])))
    expect(verdicts.filter(Boolean).length).toBe(999)
    expect((await ask(gate, '/cold')).headers['cache-status']).toMatch(/^oriel; hit/)
  })

  it('is let go at once where the answer is for one alone', async () => {
    const upstream = await startUpstream((request, response) => {
      response.writeHead(200, { 'cache-control': 'private' }).end(String(request.headers.cookie))
    })
    const gate = await cachedRoute(upstream)
    const crowd = Array.from({ length: 50 }, (_, i) => ask(gate, '/mine', { cookie: `user=${i}` }))
    expect((await Promise.all(crowd)).map(one => one.text)).toEqual(crowd.map((_, i) => `user=${i}`))
    expect(upstream.hits).toBe(50)
  })

  it('is not left with half when the one who came first leaves', async () => {
    let response: ServerResponse | undefined
    const upstream = await startUpstream((_request, it) => {
      response = it
      it.writeHead(200, { ...FRESH, 'content-length': '11' })
      it.write('first ')
    })
    const gate = await cachedRoute(upstream)
    const leader = begin(gate.http)
    await leader.head
    const others = [begin(gate.http), begin(gate.http)]
    await Promise.all(others.map(one => one.head))
    leader.request.destroy()
    await until(() => gate.entry.inFlight === 2)
    response!.end('again')
    const answers = await Promise.all(others.map(one => one.answer))
    expect(answers.map(one => one.text)).toEqual(['first again', 'first again'])
    expect((await ask(gate)).text).toBe('first again')
    expect(upstream.hits).toBe(1)
  })

  it('is not held by one who came first and does not read', async () => {
    const size = 8 * 1024 * 1024
    const upstream = await startUpstream((_request, response) => {
      response.writeHead(200, { ...FRESH, 'content-length': String(size) }).end(Buffer.alloc(size, 'a'))
    })
    const gate = await cachedRoute(upstream)
    const sloth = connect({ port: gate.http, host: '127.0.0.1' })
    sloth.on('error', () => {})
    sloth.pause()
    sloth.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await until(() => upstream.hits === 1)
    expect((await ask(gate)).text.length).toBe(size)
    expect(upstream.hits).toBe(1)
    sloth.destroy()
  })
})

describe('interim responses', () => {
  it('do not disturb the final one, which is stored (RFC 9111 section 3)', async () => {
    const upstream = await startUpstream((_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => {})
      response.writeProcessing()
      response.writeHead(200, FRESH).end('final')
    })
    const gate = await cachedRoute(upstream)
    const raw = await rawRequest(gate.http, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect(raw.statuses).toEqual([103, 102, 200])
    const again = await rawRequest(gate.http, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    expect([again.statuses, upstream.hits]).toEqual([[200], 1])
    expect(again.text).toMatch(/cache-status: oriel; hit/)
  })
})

describe('what is not whole is not stored (RFC 9111 section 3.3)', () => {
  const head = 'HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n'
  it.each([
    ['a body shorter than its Content-Length', `${head}Content-Length: 10\r\n\r\nhalf`],
    ['chunks without the last', `${head}Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n`],
    ['a chunk cut short', `${head}Transfer-Encoding: chunked\r\n\r\n9\r\nhalf`],
  ])('%s', async (_what, bytes) => {
    const upstream = await startRawUpstream((socket, received) => {
      if (received.endsWith('\r\n\r\n')) socket.end(Buffer.from(bytes, 'latin1'))
    })
    const gate = await cachedRoute(upstream)
    for (let i = 0; i < 2; i++) await ask(gate).catch(() => {})
    expect(upstream.hits).toBe(2)
  })
})

describe('poison', () => {
  it('what a stranger says of host and path reaches nobody', async () => {
    const upstream = await startUpstream((request, response) => {
      const { host } = request.headers
      const said = [
        'x-forwarded-host',
        'x-original-url',
        'x-forwarded-prefix',
        'x-forwarded-port',
        'forwarded',
      ]
      response.writeHead(200, FRESH).end(`${host} ${said.map(name => request.headers[name]).join()}`)
    })
    const gate = await cachedRoute(upstream)
    const evil = {
      'x-forwarded-host': 'evil.example',
      'x-original-url': '/admin',
      'x-forwarded-prefix': '/evil',
      'x-forwarded-port': '1',
      forwarded: 'host=evil.example',
    }
    expect((await ask(gate, '/', evil)).text).toBe('x x,,,,')
    expect((await ask(gate)).headers['cache-status']).toMatch(/^oriel; hit/)
  })

  it('a path that imitates another is its own, and # is none (reliability 231)', async () => {
    const upstream = await startUpstream((request, response) => {
      response.writeHead(200, FRESH).end(request.url)
    })
    const gate = await cachedRoute(upstream)
    for (const path of ['/account/x.css', '/account%2Fx.css', '/account%23x.css', '/account;x.css'])
      expect((await ask(gate, path)).text).toBe(path)
    const raw = await rawRequest(gate.http, 'GET /account#x.css HTTP/1.1\r\nHost: x\r\n\r\n')
    expect([raw.statuses, upstream.hits]).toEqual([[400], 4])
  })

  it('a parameter that is not in the key is not asked for', async () => {
    const upstream = await startUpstream((request, response) => {
      response.writeHead(200, FRESH).end(request.url)
    })
    const gate = await cachedRoute(upstream, '{ key: { drop: [utm_*], sort: true } }')
    expect((await ask(gate, '/a?b=2&utm_source=evil&a=1')).text).toBe('/a?a=1&b=2')
    expect((await ask(gate, '/a?a=1&b=2')).headers['cache-status']).toMatch(/^oriel; hit/)
    const post = await rawRequest(
      gate.http,
      'POST /a?utm_source=x HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
    )
    expect(post.text).toContain('/a?utm_source=x')
  })

  it('an answer that repeats one client’s header is told, counted and not stored', async () => {
    const upstream = await startUpstream((request, response) => {
      response.writeHead(200, FRESH).end(`theme ${request.headers['x-theme-host'] ?? 'none'}`)
    })
    const gate = await cachedRoute(upstream)
    await ask(gate, '/', { 'x-theme-host': 'evil.example' })
    const [record] = await gate.records(1)
    expect(record!.verdicts.filter(it => it.stage === 'cache').map(it => [it.reason, it.text])).toEqual([
      ['miss', ''],
      ['reflected', 'x-theme-host'],
      ['not-stored', 'reflected'],
    ])
    expect((await ask(gate)).text).toBe('theme none')
  })
})

it('a background fetch asks with the recipe of the route, too', async () => {
  const asked: string[] = []
  const upstream = await startUpstream((request, response) => {
    asked.push(request.url!)
    response
      .writeHead(200, { 'cache-control': 'max-age=0, stale-while-revalidate=60', etag: '"a"' })
      .end('body')
  })
  const gate = await cachedRoute(upstream, '{ key: { drop: [utm_*] } }')
  await ask(gate, '/a?utm_x=1')
  expect((await ask(gate, '/a?utm_x=2')).headers['cache-status']).toContain('stale-while-revalidate')
  await until(() => upstream.hits === 2)
  expect(asked).toEqual(['/a', '/a'])
})
