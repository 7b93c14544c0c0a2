// Compress: what is encoded, how the head says so, and that streams are not held.
import { brotliDecompressSync, createGunzip, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { keepVariants } from '../../../../proxy/lib/variants.ts'
import { compress } from '../../../../proxy/stages/compress/compress.ts'
import { type Ask, HandBody, ok, ReadyBody, reasons, send, stageEnv, start } from '../support.ts'

const TEXT = 'the quick brown fox jumps over the lazy dog. '.repeat(100)
const ALL = { 'accept-encoding': 'gzip, br, zstd' }

function build(config: unknown = true) {
  return compress.create(compress.schema(z).parse(config), stageEnv())!
}

function get(reply = ok(TEXT), ask: Ask = { headers: ALL }, config: unknown = true) {
  return send([build(config)], () => reply, ask)
}

describe('encodes', () => {
  it.each([
    ['zstd', zstdDecompressSync],
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('%s', async (coding, decode) => {
    const { headers, body, x } = await get(ok(TEXT), { headers: { 'accept-encoding': coding } })
    expect(headers.get('content-encoding')).toBe(coding)
    expect(headers.get('content-length')).toBe(String(body.length))
    expect(decode(body).toString()).toBe(TEXT)
    expect(x.notes[0]).toMatchObject({ reason: 'compressed', a: TEXT.length, b: body.length, text: coding })
  })

  it.each(['text/html', 'application/json; charset=utf-8', 'image/svg+xml', 'application/ld+json'])(
    'type %s',
    async type => {
      expect((await get(ok(TEXT, { 'content-type': type }))).headers.has('content-encoding')).toBe(true)
    },
  )

  it('a body at hand of more than 64 KiB', async () => {
    const big = TEXT.repeat(30)
    const { body, headers } = await get(ok(big))
    expect(zstdDecompressSync(body).toString()).toBe(big)
    expect(headers.get('content-length')).toBe(String(body.length))
  })

  it('a body of unknown length', async () => {
    const { body, headers } = await get(ok(new ReadyBody(['short ', 'stream'])))
    expect(zstdDecompressSync(body).toString()).toBe('short stream')
    expect(headers.has('content-length')).toBe(false)
  })
})

describe('leaves alone', () => {
  it.each([
    ['what is small', 'small', ok('tiny'), ALL],
    ['an image', 'type', ok(TEXT, { 'content-type': 'image/png' }), ALL],
    ['what has no type', 'type', ok(TEXT, { 'content-type': '' }), ALL],
    ['an event stream', 'event-stream', ok(TEXT, { 'content-type': 'text/event-stream' }), ALL],
    ['what is encoded', 'encoded', ok(TEXT, { 'content-encoding': 'br' }), ALL],
    [
      'no-transform (RFC 9110 section 7.7)',
      'no-transform',
      ok(TEXT, { 'cache-control': 'public, no-transform' }),
      ALL,
    ],
    [
      'a request for no-transform (RFC 9111 section 5.2.1.6)',
      'no-transform',
      ok(TEXT),
      { ...ALL, 'cache-control': 'no-transform' },
    ],
    ['what carries a digest (RFC 9530)', 'digest', ok(TEXT, { 'repr-digest': 'sha-256=:x:' }), ALL],
    ['a client that takes none', 'not-accepted', ok(TEXT), {}],
  ])('%s', async (_what, why, reply, headers) => {
    const seen = await get(reply, { headers })
    expect(seen.body.length).toBe((reply.body as Buffer).length)
    expect(seen.x.notes[0]).toMatchObject({ reason: 'skipped', text: why })
  })

  it.each([204, 206, 304])('status %i', async status => {
    const reply = ok(TEXT)
    reply.status = status
    expect((await get(reply)).x.notes[0]).toMatchObject({ reason: 'skipped', text: 'status' })
  })

  it('HEAD, but says what a GET would depend on', async () => {
    const { headers, x } = await get(ok(TEXT), { method: 'HEAD', headers: ALL })
    expect([headers.get('vary'), headers.has('content-encoding')]).toEqual(['Accept-Encoding', false])
    expect(x.notes[0]).toMatchObject({ reason: 'skipped', text: 'head' })
  })

  it('everything when it is off', () => {
    expect(compress.create(compress.schema(z).parse(false), stageEnv())).toBeUndefined()
  })
})

describe('head', () => {
  it('weakens a strong ETag (RFC 9110 section 8.8.1) and drops Accept-Ranges', async () => {
    const { headers } = await get(ok(TEXT, { etag: '"a"', 'accept-ranges': 'bytes' }))
    expect([headers.get('etag'), headers.has('accept-ranges')]).toEqual(['W/"a"', false])
    expect((await get(ok(TEXT, { etag: 'W/"b"' }))).headers.get('etag')).toBe('W/"b"')
  })

  const confirmed = (asked: string, type: string | null) => {
    const reply = ok('', { etag: '"a"' })
    if (type === null) reply.headers.delete('content-type')
    else reply.headers.set('content-type', type)
    reply.status = 304
    reply.body = null
    return get(reply, { headers: { ...ALL, 'if-none-match': asked } })
  }

  it.each([
    ['W/"a"', 'W/"a"'],
    ['"b", W/"a"', 'W/"a"'],
    ['"a"', '"a"'],
    ['W/"b"', '"a"'],
    ['*', '"a"'],
  ])(
    'of a 304 to one who asks with %s names what that client has (RFC 9111 section 4.3.4)',
    async (asked, etag) => {
      expect((await confirmed(asked, 'text/html')).headers.get('etag')).toBe(etag)
    },
  )

  it.each([
    ['text/html', 'Accept-Encoding'],
    [null, 'Accept-Encoding'],
    ['image/png', undefined],
  ])('of a 304 of type %s says the Vary of its 200 (RFC 9110 section 15.4.5)', async (type, vary) => {
    expect((await confirmed('"a"', type)).headers.get('vary')).toBe(vary)
  })

  it.each([
    ['Origin', ['Origin', 'Accept-Encoding']],
    ['accept-encoding, Origin', ['accept-encoding, Origin']],
    ['*', ['*']],
  ])('Vary: %s', async (vary, expected) => {
    expect((await get(ok(TEXT, { vary }))).headers.all('vary')).toEqual(expected)
  })

  it.each([
    ['text/html', 'Accept-Encoding'],
    ['image/png', undefined],
  ])('of a part of %s says the Vary of the whole (RFC 9110 section 15.3.7)', async (type, vary) => {
    const reply = ok('part', { 'content-type': type, 'content-range': 'bytes 0-3/9000' })
    reply.status = 206
    expect((await get(reply)).headers.get('vary')).toBe(vary)
  })

  it('says Vary also where the client took the plain form', async () => {
    expect((await get(ok(TEXT), {})).headers.get('vary')).toBe('Accept-Encoding')
  })
})

describe('streams', () => {
  const turn = () => new Promise(resolve => setImmediate(resolve))
  async function until(check: () => boolean) {
    const deadline = Date.now() + 10_000
    while (!check() && Date.now() < deadline) await turn()
    expect(check()).toBe(true)
  }

  it('gives out what has come while the source pauses', async () => {
    const source = new HandBody()
    const { client } = start([build()], () => ok(source), { headers: { 'accept-encoding': 'gzip' } })
    await until(() => source.sink !== null)
    const gunzip = createGunzip()
    let text = ''
    gunzip.on('data', data => (text += data))
    const body = client.body!
    client.watch = data => gunzip.write(data)
    source.push('first')
    await until(() => text === 'first')
    source.push('second')
    await until(() => text === 'firstsecond')
    source.end()
    expect((await client.seen).complete).toBe(true)
    expect(body.length).toBe(-1)
  })

  it('holds the source when the client reads slowly, and goes on', async () => {
    const source = new HandBody()
    const { client } = start([build()], () => ok(source), { headers: ALL })
    await until(() => source.sink !== null)
    client.slow = true
    for (let i = 0; i < 200 && !source.held; i++) {
      source.push(Buffer.from(Array.from({ length: 65_536 }, (_, j) => (i * j * 7919) % 251)))
      await turn()
    }
    expect(source.held).toBe(true)
    client.slow = false
    client.body!.resume()
    await until(() => !source.held)
    source.end()
    expect((await client.seen).complete).toBe(true)
  })

  it('passes a broken source on as broken', async () => {
    const { complete } = await get(ok(new ReadyBody(['a'], -1, new Error('cut'))))
    expect(complete).toBe(false)
  })

  it('releases the source when the client leaves', async () => {
    const source = new HandBody()
    const { client, x } = start([build()], () => ok(source), { headers: ALL })
    await until(() => source.sink !== null)
    client.leave(x)
    expect(source.cancelled).toBe(true)
    source.push('late')
  })
})

it('encodes a stored body once', async () => {
  const stored = Buffer.from(TEXT)
  let weight = 0
  keepVariants(stored, bytes => {
    weight = bytes
  })
  const first = await get(ok(stored))
  const second = await get(ok(stored))
  expect(weight).toBe(first.body.length)
  expect(second.body.equals(first.body)).toBe(true)
  expect(reasons(second.x, 'compress')).toEqual(['compressed'])
})
