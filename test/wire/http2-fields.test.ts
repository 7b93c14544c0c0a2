// HTTP/2 fields that have no meaning over HTTP/1.1, or another: none may reach a backend as something else.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import {
  block,
  END_HEADERS,
  END_STREAM,
  type Field,
  FrameClient,
  frame,
  pseudo,
  TYPE,
} from '../support/http2-frames.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let gate: TestGate
let seen: string[] = []

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    seen = [`${request.method} ${request.url}`, ...request.rawHeaders]
    request.resume()
    request.on('end', () => response.end('ok'))
  })
  gate = await startGate(`routes:\n  app.test: 127.0.0.1:${upstream.port}\n`, [
    await makeCertificate(['app.test']),
  ])
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

interface Outcome {
  fate: string
  /** It came to the upstream. */
  forwarded: boolean
  reason: string
}

/** @param recorded a refusal of ours is to be awaited */
async function send(payload: Buffer, recorded = false): Promise<Outcome> {
  const hits = upstream.hits
  seen = []
  const before = (await gate.records(0)).length
  const client = await FrameClient.open(gate.https)
  client.send(frame(TYPE.HEADERS, END_HEADERS | END_STREAM, 1, payload))
  const fate = await client.fate(1)
  client.destroy()
  const records = (await gate.records(recorded ? before + 1 : 0)).slice(before)
  const refused = records.flatMap(record => record.verdicts).find(verdict => verdict.reason === 'refused')
  return { fate, forwarded: upstream.hits > hits, reason: refused?.text ?? '' }
}

const plus = (...fields: Field[]): Buffer => block([...pseudo(), ...fields])

// Rows of the reference that node:http2 lets us hold: the fate, and for refusals of our own their reason.
test.each<[string, Buffer, string, string?]>([
  ['an upper-case name', plus(['X-Bad', '1']), 'RST PROTOCOL_ERROR'],
  ['connection', plus(['connection', 'close']), 'RST PROTOCOL_ERROR'],
  ['transfer-encoding: chunked', plus(['transfer-encoding', 'chunked']), 'RST PROTOCOL_ERROR'],
  ['te: gzip', plus(['te', 'gzip']), 'RST PROTOCOL_ERROR'],
  ['upgrade: h2c', plus(['upgrade', 'h2c']), 'RST PROTOCOL_ERROR'],
  ['keep-alive', plus(['keep-alive', 'timeout=5']), 'RST PROTOCOL_ERROR'],
  ['proxy-connection', plus(['proxy-connection', 'close']), 'RST PROTOCOL_ERROR'],
  ['a Host that is not :authority', plus(['host', 'evil.test']), '400', 'host_mismatch'],
  ['two :path', block([...pseudo(), [':path', '/b']]), 'RST PROTOCOL_ERROR'],
  ['a pseudo-field after a field', block([['x-a', '1'], ...pseudo()]), 'RST PROTOCOL_ERROR'],
  ['an unknown pseudo-field', block([...pseudo(), [':odd', '1']]), 'RST PROTOCOL_ERROR'],
  ['no :path', block(pseudo({ ':path': undefined })), 'RST PROTOCOL_ERROR'],
  ['an empty :path', block(pseudo({ ':path': '' })), 'RST PROTOCOL_ERROR'],
  [':path without its slash', block(pseudo({ ':path': 'x' })), 'RST PROTOCOL_ERROR'],
  [':path with CRLF', block(pseudo({ ':path': '/a\r\nx: y' })), 'RST PROTOCOL_ERROR'],
  [':path with a space', block(pseudo({ ':path': '/a b' })), 'RST PROTOCOL_ERROR'],
  [':path in absolute form', block(pseudo({ ':path': 'http://evil.test/' })), 'RST PROTOCOL_ERROR'],
  [':path with #', block(pseudo({ ':path': '/a#b' })), '400', 'forbidden_character'],
  [':method with a space', block(pseudo({ ':method': 'GE T' })), 'RST PROTOCOL_ERROR'],
  [':method with CRLF', block(pseudo({ ':method': 'GET\r\nx' })), 'RST PROTOCOL_ERROR'],
  ['an empty :method', block(pseudo({ ':method': '' })), 'RST PROTOCOL_ERROR'],
  [':authority with CRLF', block(pseudo({ ':authority': 'app.test\r\nx: y' })), 'RST PROTOCOL_ERROR'],
  [':authority with userinfo', block(pseudo({ ':authority': 'me@app.test' })), 'RST PROTOCOL_ERROR'],
  [':scheme javascript', block(pseudo({ ':scheme': 'javascript' })), '400', 'bad_pseudo_field'],
  [':scheme with CRLF', block(pseudo({ ':scheme': 'https\r\n' })), 'RST PROTOCOL_ERROR'],
  ['content-length: 5 and no body', plus(['content-length', '5']), 'RST PROTOCOL_ERROR'],
  ['two lengths', plus(['content-length', '0'], ['content-length', '1']), 'RST PROTOCOL_ERROR'],
  ['content-length: +0', plus(['content-length', '+0']), 'RST PROTOCOL_ERROR'],
  ['CONNECT with :path', block(pseudo({ ':method': 'CONNECT' })), 'RST PROTOCOL_ERROR'],
  ['HPACK index 0', Buffer.from([0x80]), 'GOAWAY COMPRESSION_ERROR'],
  ['an HPACK table over its maximum', Buffer.from([0x3f, 0xe1, 0xff, 0x03]), 'GOAWAY COMPRESSION_ERROR'],
  ['no authority at all', block(pseudo({ ':authority': undefined })), 'RST PROTOCOL_ERROR'],
  ['* for another method than OPTIONS', block(pseudo({ ':path': '*' })), 'RST PROTOCOL_ERROR'],
  ['a framing twin', plus(['content_length', '5']), '400', 'framing_twin'],
])('%s is refused', async (_name, payload, fate, reason = '') => {
  expect(await send(payload, reason !== '')).toEqual({ fate, forwarded: false, reason })
})

// node:http2 takes these out before we see them: the request goes on, without the field and with nothing in its place.
test.each<[string, Field]>([
  ['CRLF in a value', ['x-bad', 'a\r\nx-evil: 1']],
  ['LF in a value', ['x-bad', 'a\nx-evil: 1']],
  ['CR in a value', ['x-bad', 'a\rx-evil: 1']],
  ['NUL in a value', ['x-bad', 'a\0b']],
  ['CRLF in a name', ['x-bad\r\nx-evil', '1']],
  ['a colon in a name', ['x-bad: x-evil', '1']],
  ['a space in a name', ['x bad', '1']],
  ['an empty name', ['', 'x-evil']],
])('%s: the field is dropped, and nothing of it reaches the upstream', async (_name, field) => {
  expect(await send(plus(field, ['x-good', '1']))).toEqual({ fate: '200', forwarded: true, reason: '' })
  expect(seen).toContain('x-good')
  expect(seen.join('\n')).not.toMatch(/evil|x.bad/)
})

test('spaces around a value are no part of it', async () => {
  expect((await send(plus(['x-a', '  b ']))).fate).toBe('200')
  expect(seen[seen.indexOf('x-a') + 1]).toBe('b')
})

test('65 crumbs of cookie are one field again', async () => {
  const crumbs = Array.from({ length: 65 }, (_, i): Field => ['cookie', `c${i}=${i}`])
  expect((await send(plus(...crumbs))).fate).toBe('200')
  expect(seen.filter(name => name === 'cookie')).toHaveLength(1)
  expect(seen[seen.indexOf('cookie') + 1]).toBe(crumbs.map(crumb => crumb[1]).join('; '))
})

// node:http2 takes the one for a fault of the whole connection; the other is the stream's own.
test.each([
  ['longer', 'toolong', 'GOAWAY INTERNAL_ERROR'],
  ['shorter', 'x', 'RST PROTOCOL_ERROR'],
])('DATA that is %s than Content-Length is no request', async (_name, data, fate) => {
  const client = await FrameClient.open(gate.https)
  client.request(1, [...pseudo({ ':method': 'POST' }), ['content-length', '4']], 0)
  client.send(frame(TYPE.DATA, END_STREAM, 1, Buffer.from(data)))
  expect(await client.fate(1)).toBe(fate)
  client.destroy()
})
