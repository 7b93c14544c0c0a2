// HTTP/2 fields that have no meaning over HTTP/1.1, or another: none may reach a backend as something else.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { FrameClient } from '../support/http2/client.ts'
import { data, END_HEADERS, END_STREAM, frame, headers, TYPE } from '../support/http2/frame.ts'
import { block, type Field, pseudo } from '../support/http2/hpack.ts'
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
  /** Of the record and of the counter: they must agree. */
  reason: string
}

/** @param refused a record of that is to be awaited */
async function send(frames: readonly Buffer[], refused: boolean): Promise<Outcome> {
  const hits = upstream.hits
  seen = []
  const before = (await gate.records(0)).length
  gate.recorder.rejects.http.take()
  const client = await FrameClient.open(gate.https)
  client.send(...frames)
  const fate = await client.fate(1)
  client.destroy()
  const records = (await gate.records(before + 1)).slice(before)
  const counted = gate.recorder.rejects.http.take()?.counts ?? []
  const reason = refused ? records[0]!.errorText : ''
  expect(counted).toEqual(refused ? [[reason, 1]] : [])
  if (refused) expect(records[0]).toMatchObject({ error: 'malformed_request', protocol: '2' })
  return { fate, forwarded: upstream.hits > hits, reason }
}

const head = (payload: Buffer, flags = END_STREAM): Buffer => headers(1, payload, END_HEADERS | flags)
const plus = (...fields: Field[]): Buffer => block([...pseudo(), ...fields])
const RST = 'RST PROTOCOL_ERROR'
const CE = 'GOAWAY COMPRESSION_ERROR'

// Rows of the reference, with the reason that the record and the counter tell.
test.each<[row: string, what: string, payload: Buffer, fate: string, reason: RegExp]>([
  ['151', 'CRLF in a value', plus(['x-bad', 'a\r\nx-evil: 1']), RST, /_in_h2$/],
  ['152', 'LF in a value', plus(['x-bad', 'a\nx-evil: 1']), RST, /_in_h2$/],
  ['153', 'CR in a value', plus(['x-bad', 'a\rx-evil: 1']), RST, /_in_h2$/],
  ['154', 'NUL in a value', plus(['x-bad', 'a\0b']), RST, /_in_h2$/],
  ['155', 'CRLF in a name', plus(['x-bad\r\nx-evil', '1']), RST, /_in_h2$/],
  ['156', 'a colon in a name', plus(['x-bad: x-evil', '1']), RST, /_in_h2$/],
  ['157', 'a space in a name', plus(['x bad', '1']), RST, /_in_h2$/],
  ['158', 'an upper-case name', plus(['X-Bad', '1']), RST, /_in_h2$/],
  ['159', 'an empty name', plus(['', 'x-evil']), RST, /_in_h2$/],
  ['161', 'connection', plus(['connection', 'close']), RST, /_in_h2$/],
  ['162', 'transfer-encoding: chunked', plus(['transfer-encoding', 'chunked']), RST, /_in_h2$/],
  ['163', 'te: gzip', plus(['te', 'gzip']), RST, /^te_in_h2$/],
  ['164', 'upgrade: h2c', plus(['upgrade', 'h2c']), RST, /_in_h2$/],
  ['165', 'keep-alive', plus(['keep-alive', 'timeout=5']), RST, /_in_h2$/],
  ['166', 'proxy-connection', plus(['proxy-connection', 'close']), RST, /_in_h2$/],
  ['167', 'a Host that is not :authority', plus(['host', 'evil.test']), '400', /^host_mismatch$/],
  ['168', 'two :path', block([...pseudo(), [':path', '/b']]), RST, /_in_h2$/],
  ['169', 'a pseudo-field after a field', block([['x-a', '1'], ...pseudo()]), RST, /_in_h2$/],
  ['170', 'an unknown pseudo-field', block([...pseudo(), [':odd', '1']]), RST, /_in_h2$/],
  ['171', 'no :path', block(pseudo({ ':path': undefined })), RST, /_in_h2$/],
  ['172', 'an empty :path', block(pseudo({ ':path': '' })), RST, /_in_h2$/],
  ['173', ':path without its slash', block(pseudo({ ':path': 'x' })), RST, /_in_h2$/],
  ['174', ':path with CRLF', block(pseudo({ ':path': '/a\r\nx: y' })), RST, /_in_h2$/],
  ['175', ':path with a space', block(pseudo({ ':path': '/a b' })), '400', /^\w+$/],
  ['175a', ':path with a space at its end', block(pseudo({ ':path': '/a ' })), '400', /^\w+$/],
  ['176', ':path in absolute form', block(pseudo({ ':path': 'http://evil.test/' })), RST, /_in_h2$/],
  ['177', ':path with #', block(pseudo({ ':path': '/a#b' })), '400', /^forbidden_character$/],
  ['178', ':method with a space', block(pseudo({ ':method': 'GE T' })), RST, /_in_h2$/],
  ['178a', ':method with a space at its end', block(pseudo({ ':method': 'GET ' })), RST, /_in_h2$/],
  ['179', ':method with CRLF', block(pseudo({ ':method': 'GET\r\nx' })), RST, /_in_h2$/],
  ['180', 'an empty :method', block(pseudo({ ':method': '' })), RST, /_in_h2$/],
  ['181', ':authority with CRLF', block(pseudo({ ':authority': 'app.test\r\nx: y' })), RST, /_in_h2$/],
  ['182', ':authority with userinfo', block(pseudo({ ':authority': 'me@app.test' })), '400', /^bad_host$/],
  ['183', ':scheme javascript', block(pseudo({ ':scheme': 'javascript' })), '400', /^bad_pseudo_field$/],
  ['184', ':scheme with CRLF', block(pseudo({ ':scheme': 'https\r\n' })), RST, /_in_h2$/],
  ['185', 'content-length: 5 and no body', plus(['content-length', '5']), RST, /_in_h2$/],
  ['186', 'two lengths', plus(['content-length', '0'], ['content-length', '1']), RST, /^multi_cl_in_h2$/],
  ['187', 'content-length: +0', plus(['content-length', '+0']), RST, /^bad_cl_in_h2$/],
  ['188', 'CONNECT with :path', block(pseudo({ ':method': 'CONNECT' })), RST, /_in_h2$/],
  ['190', 'HPACK index 0', Buffer.from([0x80]), CE, /^\w+$/],
  ['191', 'an HPACK table over its maximum', Buffer.from([0x3f, 0xe1, 0xff, 0x03]), CE, /^\w+$/],
  ['', 'a control character in a value', plus(['x-bad', 'a\x01b']), RST, /_in_h2$/],
  ['', 'DEL in a value', plus(['x-bad', 'a\x7fb']), RST, /_in_h2$/],
  ['', 'no authority at all', block(pseudo({ ':authority': undefined })), '400', /^bad_host$/],
  ['', '* for another method than OPTIONS', block(pseudo({ ':path': '*' })), RST, /_in_h2$/],
  ['', 'a framing twin', plus(['content_length', '5']), '400', /^framing_twin$/],
  ['', 'a method in the wrong case', block(pseudo({ ':method': 'get' })), '400', /^\w+$/],
  ['', 'two equal lengths', plus(['content-length', '0'], ['content-length', '0']), RST, /^multi_cl_in_h2$/],
  ['', 'two Hosts', plus(['host', 'app.test'], ['host', 'app.test']), '400', /^two_hosts$/],
  ['', 'an empty :authority', block(pseudo({ ':authority': '' })), '400', /^bad_host$/],
])('%s %s is refused', async (_row, _what, payload, fate, reason) => {
  expect(await send([head(payload)], true)).toEqual({
    fate,
    forwarded: false,
    reason: expect.stringMatching(reason),
  })
})

// The five rows that pass, four of them changed on their way.
test('160 spaces around a value are no part of it', async () => {
  expect((await send([head(plus(['x-a', '  b\t ']))], false)).fate).toBe('200')
  expect(seen[seen.indexOf('x-a') + 1]).toBe('b')
})

test('189 65 crumbs of cookie are one field again', async () => {
  const crumbs = Array.from({ length: 65 }, (_, i): Field => ['cookie', `c${i}=${i}`])
  expect((await send([head(plus(...crumbs))], false)).fate).toBe('200')
  expect(seen.filter(name => name === 'cookie')).toHaveLength(1)
  expect(seen[seen.indexOf('cookie') + 1]).toBe(crumbs.map(crumb => crumb[1]).join('; '))
})

test('bytes of 0x80 and above pass unchanged', async () => {
  const value = Buffer.from('Grüße, 日本').toString('latin1')
  expect((await send([head(plus(['x-a', value]))], false)).fate).toBe('200')
  expect(seen[seen.indexOf('x-a') + 1]).toBe(value)
})

test('te: trailers and a Host that is :authority pass', async () => {
  expect((await send([head(plus(['te', 'trailers'], ['host', 'APP.test']))], false)).fate).toBe('200')
})

/** A request that was begun at the backend before it proved to be none: the record is its own, and it is counted. */
async function sendBegun(...frames: Buffer[]): Promise<[fate: string, error: string, counted: number]> {
  const before = (await gate.records(0)).length
  gate.recorder.rejects.http.take()
  const client = await FrameClient.open(gate.https)
  client.send(...frames)
  const fate = await client.fate(1)
  client.destroy()
  const record = (await gate.records(before + 1))[before]!
  const counts = gate.recorder.rejects.http.take()?.counts ?? []
  return [fate, record.error, counts.reduce((sum, [, count]) => sum + count, 0)]
}

test.each([
  ['longer', 'toolong'],
  ['shorter', 'x'],
])('DATA that is %s than Content-Length is no request', async (_name, bytes) => {
  const begun = head(block([...pseudo({ ':method': 'POST' }), ['content-length', '4']]), 0)
  expect(await sendBegun(begun, data(1, bytes, END_STREAM))).toEqual([RST, 'malformed_request', 1])
})

test.each<[string, Field]>([
  ['a pseudo-field', [':path', '/evil']],
  ['an upper-case name', ['X-Evil', '1']],
  ['CRLF in a value', ['x-a', 'b\r\nx-evil: 1']],
  ['transfer-encoding', ['transfer-encoding', 'chunked']],
])('trailers with %s make the request malformed', async (_name, field) => {
  const begun = head(block(pseudo({ ':method': 'POST' })), 0)
  const sent = sendBegun(begun, data(1, 'body'), headers(1, block([field])))
  expect(await sent).toEqual([RST, 'malformed_request', 1])
})

test('a refused request hurts none behind it on the connection, and the table of both stays the same', async () => {
  const client = await FrameClient.open(gate.https)
  const remembered = Buffer.from([0x40, 3, 0x78, 0x2d, 0x61, 1, 0x62])
  client.send(head(Buffer.concat([plus(['connection', 'close']), remembered])))
  client.send(headers(3, Buffer.concat([block(pseudo()), Buffer.from([0x80 | 62])])))
  expect([await client.fate(1), await client.fate(3)]).toEqual([RST, '200'])
  expect(seen[seen.indexOf('x-a') + 1]).toBe('b')
  expect(client.frames.some(({ type }) => type === TYPE.GOAWAY)).toBe(false)
  client.destroy()
})

test('frames of unknown kind between a head and its body change nothing', async () => {
  const begun = head(block([...pseudo({ ':method': 'POST' }), ['content-length', '4']]), 0)
  expect(
    (await send([begun, frame(0x42, 0xff, 1, Buffer.from('x')), data(1, 'body', END_STREAM)], false)).fate,
  ).toBe('200')
})
