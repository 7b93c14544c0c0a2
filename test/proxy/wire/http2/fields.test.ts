// Heads of replies as frames: the client reads what the stages wrote, whatever the connection said before.
import { expect, test } from 'vitest'
import { Block, Headers } from '../../../../proxy/lib/headers.ts'
import { FieldWriter } from '../../../../proxy/wire/http2/fields.ts'
import { HpackDecoder } from '../../../../proxy/wire/http2/hpack/decoder.ts'

/** Type and flags of each frame, and the fields of their payloads together. */
function parse(frames: string, decoder: HpackDecoder): { kinds: string[]; fields: unknown } {
  const bytes = Buffer.from(frames, 'latin1')
  const kinds: string[] = []
  const payloads: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUIntBE(at, 3)
    kinds.push(`${bytes[at + 3]} ${bytes[at + 4]}`)
    payloads.push(bytes.subarray(at + 9, at + 9 + length))
    at += 9 + length
  }
  const block = Buffer.concat(payloads)
  return { kinds, fields: decoder.decode(block, 0, block.length) }
}

const shared = new Block(['content-type', 'text/html', 'x-frame-options', 'DENY', 'content-length', '3'])
const DATE = ['date', 'Sat, 21 Nov 2026 12:00:00 GMT']

test('fields that many replies share are read the same each time, and become short', () => {
  const writer = new FieldWriter(16_384)
  const decoder = new HpackDecoder(16_384)
  const lengths = [1, 2, 3, 4].map(round => {
    const headers = new Headers(shared)
    for (const [name, value] of [
      ['x-request-id', `${round}`],
      ['date', DATE[1]!],
    ])
      headers.append(name!, value!)
    const frames = writer.head(round, 200, headers, false)
    expect(parse(frames, decoder).fields).toEqual([
      ':status',
      '200',
      ...shared.flat,
      'x-request-id',
      `${round}`,
      ...DATE,
    ])
    return frames.length
  })
  expect(lengths[3]).toBe(lengths[1])
  expect(lengths[3]).toBeLessThan(lengths[0]! - 15)
})

test('a table that the client makes smaller is not referred to any more', () => {
  const writer = new FieldWriter(16_384)
  const decoder = new HpackDecoder(16_384)
  for (const bytes of [4096, 0, 4096, 100]) {
    writer.limit(bytes)
    for (let round = 0; round < 3; round++) {
      const headers = new Headers(shared)
      headers.append('date', DATE[1]!)
      const { fields } = parse(writer.head(1, 200, headers, true), decoder)
      expect(fields).toEqual([':status', '200', ...shared.flat, ...DATE])
    }
  }
})

test('what HTTP/2 does not know stays here; a 204 has no length; a reply is dated, an interim one is not', () => {
  const decoder = new HpackDecoder(16_384)
  const writer = new FieldWriter(16_384)
  const headers = Headers.of({ connection: 'close', 'transfer-encoding': 'chunked', 'content-length': '0' })
  const { fields } = parse(writer.head(1, 204, headers, true), decoder)
  expect(fields).toEqual([':status', '204', 'date', expect.stringMatching(/ GMT$/)])
  const interim = writer.head(1, 103, Headers.of({ link: '</a>' }), false)
  expect(parse(interim, decoder)).toEqual({ kinds: ['1 4'], fields: [':status', '103', 'link', '</a>'] })
})

test('a head that is longer than a frame is continued', () => {
  const headers = Headers.of({ 'x-long': 'a'.repeat(40_000), date: DATE[1]! })
  const frames = new FieldWriter(16_384).head(1, 200, headers, true)
  const { kinds, fields } = parse(frames, new HpackDecoder(100_000))
  expect(kinds).toEqual(['1 1', '9 0', '9 4'])
  expect(fields).toContain('a'.repeat(40_000))
})
