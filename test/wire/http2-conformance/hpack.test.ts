// Compressed heads: one that is read wrong is another request, for all that come after it, too (RFC 7541).
import { expect, test } from 'vitest'
import { echoOf, MUTE, openBench, testFrameCases } from '../../support/http2/examiner.ts'
import { continuation, END_STREAM, headers, windowUpdate } from '../../support/http2/frame.ts'
import {
  block,
  coded,
  indexed,
  integer,
  literal,
  pseudo,
  tableSize,
  text,
} from '../../support/http2/hpack.ts'
import { CODE_OF, EOS, octets } from '../../support/http2/huffman.ts'
import { STATIC_TABLE } from '../../support/http2/static-table.ts'

const bench = openBench()
const BROKEN = ['GOAWAY COMPRESSION_ERROR']
const FINE = ['nothing']
const ECHO = block(pseudo({ ':path': '/echo' }))
/** After a whole request: what is wrong is its last field. */
const mute = (...parts: Buffer[]): Buffer[] => [headers(1, Buffer.concat([MUTE, ...parts]))]
const first = (...parts: Buffer[]): Buffer[] => [headers(1, Buffer.concat([...parts, MUTE]))]
const raw = (...bytes: number[]): Buffer => Buffer.from(bytes)
/** `x-a` with a value whose Huffman bits are given. */
const bits = (value: string): Buffer => Buffer.concat([raw(0), text('x-a'), coded(octets(value))])
const A = CODE_OF[0x61]!

testFrameCases(bench, [
  { rule: 'RFC 7541 2.3.3', what: 'an index behind both tables', sends: mute(indexed(70)), permits: BROKEN },
  {
    rule: 'RFC 7541 2.3.3',
    what: 'the first index of an empty dynamic table',
    sends: mute(indexed(62)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 2.3.3',
    what: 'a name behind both tables',
    sends: mute(literal('remembered', 70, 'x')),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 2.3.3',
    what: 'a name behind both tables, not remembered',
    sends: mute(literal('plain', 62, 'x')),
    permits: BROKEN,
  },
  { rule: 'RFC 7541 2.3.3', what: 'a vast index', sends: mute(indexed(2 ** 27)), permits: BROKEN },
  {
    rule: 'RFC 7541 4.2',
    what: 'a change of size after a field',
    sends: mute(tableSize(0)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 4.2',
    what: 'a change of size between fields',
    sends: mute(tableSize(100), literal('plain', 'x-a', '1')),
    permits: BROKEN,
  },
  { rule: 'RFC 7541 4.2', what: 'a change of size', sends: first(tableSize(0)), permits: FINE },
  {
    rule: 'RFC 7541 4.2',
    what: 'two changes of size',
    sends: first(tableSize(0), tableSize(4096)),
    permits: FINE,
  },
  { rule: 'RFC 7541 6.3', what: 'a size over the limit', sends: first(tableSize(4097)), permits: BROKEN },
  { rule: 'RFC 7541 6.3', what: 'a vast size', sends: first(tableSize(2 ** 30)), permits: BROKEN },
  { rule: 'RFC 7541 6.1', what: 'index 0', sends: mute(indexed(0)), permits: BROKEN },
  {
    rule: 'RFC 7541 5.1',
    what: 'an integer without an end',
    sends: mute(raw(0xff, 0xff, 0xff)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.1',
    what: 'an index over 2^32',
    sends: mute(raw(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.1',
    what: 'an index over 2^64',
    sends: mute(raw(0xff, ...Array<number>(10).fill(0xff), 0x01)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.1',
    what: 'a length over 2^32',
    sends: mute(raw(0x00, 0x7f, 0x82, 0xff, 0xff, 0xff, 0x0f)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.1',
    what: 'a length that wraps around to what is there',
    sends: mute(raw(0x00, 0x7f, 0x84, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x61, 0x61)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.1',
    what: 'an integer with a hundred empty octets',
    sends: mute(raw(0xff, ...Array<number>(100).fill(0x80), 0)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.1',
    what: 'a field that ends after its first octet',
    sends: mute(raw(0x40)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.2',
    what: 'a name that goes on behind the block',
    sends: mute(raw(0x00, 0x05, 0x61)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.2',
    what: 'a value that goes on behind the block',
    sends: mute(raw(0x00, 0x01, 0x61, 0x05, 0x61)),
    permits: BROKEN,
  },
  { rule: 'RFC 7541 5.2', what: 'no value at all', sends: mute(raw(0x00, 0x01, 0x61)), permits: BROKEN },
  {
    rule: 'RFC 7541 5.2',
    what: 'padding of more than 7 bits',
    sends: mute(bits(A.repeat(8) + '1'.repeat(8))),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.2',
    what: 'padding of 8 bits after nothing',
    sends: mute(bits('1'.repeat(8))),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.2',
    what: 'padding of 16 bits',
    sends: mute(bits(A.repeat(8) + '1'.repeat(16))),
    permits: BROKEN,
  },
  { rule: 'RFC 7541 5.2', what: 'padding of zeros', sends: mute(bits(`${A}000`)), permits: BROKEN },
  { rule: 'RFC 7541 5.2', what: 'padding with one zero', sends: mute(bits(`${A}110`)), permits: BROKEN },
  {
    rule: 'RFC 7541 5.2',
    what: 'padding of 7 bits',
    sends: mute(bits(`${CODE_OF[0x26]}${A.repeat(1)}${'1'.repeat(3)}`)),
    permits: FINE,
  },
  {
    rule: 'RFC 7541 5.2',
    what: 'EOS within a string',
    sends: mute(bits(`${CODE_OF[EOS]}${A}${'1'.repeat(5)}`)),
    permits: BROKEN,
  },
  {
    rule: 'RFC 7541 5.2',
    what: 'EOS at the end of a string',
    sends: mute(bits(`${A.repeat(2)}${CODE_OF[EOS]}`)),
    permits: BROKEN,
  },
  { rule: 'RFC 7541 5.2', what: 'an empty string in Huffman code', sends: mute(bits('')), permits: FINE },
  {
    rule: '4.3',
    what: 'a block that is cut',
    sends: [headers(1, MUTE.subarray(0, MUTE.length - 3))],
    permits: BROKEN,
  },
  {
    rule: '4.3',
    what: 'a broken block in trailers',
    sends: [headers(1, MUTE, 4), headers(1, indexed(0))],
    permits: BROKEN,
  },
])

/** What the backend saw of a field. */
async function seen(name: string, ...blocks: Buffer[]): Promise<string | undefined> {
  const client = await bench.open()
  blocks.forEach((parts, i) => void client.send(headers(2 * i + 1, Buffer.concat([ECHO, parts]))))
  const { rawHeaders } = await echoOf(client, 2 * blocks.length - 1)
  client.destroy()
  return rawHeaders[rawHeaders.findIndex((it, i) => i % 2 === 0 && it.toLowerCase() === name) + 1]
}

const KINDS = ['remembered', 'plain', 'never'] as const
test.each(KINDS.flatMap(kind => [false, true].map(huffman => [kind, huffman] as const)))(
  'RFC 7541 6.2: a literal, %s, in Huffman code: %s',
  async (kind, huffman) => {
    expect(await seen('x-test', literal(kind, 'x-test', 'a value', huffman))).toBe('a value')
    const userAgent = STATIC_TABLE.findIndex(([name]) => name === 'user-agent') + 1
    expect(await seen('user-agent', literal(kind, userAgent, 'tester/1.0', huffman))).toBe('tester/1.0')
  },
)

test('RFC 7541 6.1: fields of the static table by their index', async () => {
  expect(await seen('accept-encoding', indexed(16))).toBe('gzip, deflate')
  const client = await bench.open()
  client.send(
    headers(1, Buffer.concat([indexed(2), indexed(7), indexed(5), literal('plain', 1, 'app.test')])),
  )
  expect(await echoOf(client, 1)).toMatchObject({ method: 'GET', url: '/index.html' })
  client.destroy()
})

test('RFC 7541 5.2: every octet that a value may have comes out of Huffman code as it went in', async () => {
  const octets = [0x09, ...Array.from({ length: 224 }, (_, i) => i + 0x20).filter(it => it !== 0x7f)]
  const value = `a${Buffer.from(octets).toString('latin1')}z`
  expect(await seen('x-all', literal('plain', 'x-all', value, true))).toBe(value)
  expect(await seen('x-all', literal('plain', 'x-all', value))).toBe(value)
})

test('RFC 7541 5.1: a length with empty octets at its end is the length', async () => {
  const value = 'v'.repeat(130)
  const long = Buffer.concat([raw(0), text('x-long'), raw(0x7f, 0x83, 0x80, 0x00), Buffer.from(value)])
  expect(await seen('x-long', long)).toBe(value)
})

test('RFC 7541 2.3.2: a field that was remembered is there for the next requests, the newest first', async () => {
  const two = Buffer.concat([literal('remembered', 'x-one', '1'), literal('remembered', 'x-two', '2')])
  expect(await seen('x-one', two, indexed(63))).toBe('1')
  expect(await seen('x-two', two, indexed(62))).toBe('2')
  expect(await seen('x-one', two, literal('plain', 63, 'other', true))).toBe('other')
  expect(await seen('x-two', Buffer.concat([two, indexed(62)]))).toBe('2')
})

/** What becomes of a request that names the index, after the given blocks. */
async function named(index: number, ...blocks: Buffer[]): Promise<string> {
  const client = await bench.open()
  const all = [...blocks, indexed(index)]
  all.forEach((parts, i) => {
    // A change of size must come first.
    const change = parts.length > 0 && (parts[0]! & 0xe0) === 0x20
    client.send(headers(2 * i + 1, Buffer.concat(change ? [parts, ECHO] : [ECHO, parts])))
  })
  const fate = await client.fate(2 * all.length - 1)
  client.destroy()
  return fate
}

/** An entry that takes so many octets in the table (section 4.1). */
const entry = (bytes: number): Buffer => literal('remembered', 'x-e', 'e'.repeat(bytes - 32 - 3))

test('RFC 7541 4.4: what no longer fits is forgotten, and to name it breaks the connection', async () => {
  expect(await named(63, entry(2048), entry(2048))).toBe('200')
  expect(await named(63, entry(2048), entry(2049))).toBe(BROKEN[0])
  expect(await named(62, entry(4096))).toBe('200')
  // One that is larger than the table empties it, and is no error.
  expect(await named(62, entry(100), entry(4097))).toBe(BROKEN[0])
  expect(await named(62, entry(4097), entry(100))).toBe('200')
})

test('RFC 7541 4.3: a smaller table forgets at once, and a larger one does not remember again', async () => {
  expect(await named(62, entry(100), tableSize(100))).toBe('200')
  expect(await named(62, entry(100), tableSize(99))).toBe(BROKEN[0])
  expect(await named(62, entry(100), Buffer.concat([tableSize(0), tableSize(4096)]))).toBe(BROKEN[0])
})

test('RFC 7541 4.4: a field may take its name from the entry that it drives out', async () => {
  const large = 'f'.repeat(3000)
  expect(await seen('x-name', literal('remembered', 'x-name', large), literal('remembered', 62, large))).toBe(
    large,
  )
})

test('RFC 7541 6.2: what is not to be remembered is not', async () => {
  expect(await named(62, literal('plain', 'x-a', '1'))).toBe(BROKEN[0])
  expect(await named(62, literal('never', 'x-a', '1'))).toBe(BROKEN[0])
})

test('4.3: a head may be cut into frames at any place', async () => {
  const whole = Buffer.concat([
    tableSize(4096),
    ECHO,
    literal('remembered', 'x-test', 'huffman', true),
    Buffer.concat([integer(0x00, 4, 58), text('y'.repeat(200))]),
  ])
  const client = await bench.open()
  client.send(windowUpdate(0, 2 ** 30))
  for (let at = 0; at <= whole.length; at++) {
    const stream = 2 * at + 1
    client.send(headers(stream, whole.subarray(0, at), END_STREAM), continuation(stream, whole.subarray(at)))
    const { rawHeaders } = await echoOf(client, stream)
    expect(rawHeaders).toEqual(expect.arrayContaining(['x-test', 'huffman', 'y'.repeat(200)]))
  }
  client.destroy()
})
