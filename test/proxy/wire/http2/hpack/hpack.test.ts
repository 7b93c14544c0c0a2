// Field blocks: what a client means reaches the stages, what we mean reaches the client, and nothing grows without end.
import { describe, expect, test } from 'vitest'
import { HpackDecoder } from '../../../../../proxy/wire/http2/hpack/decoder.ts'
import { HpackEncoder } from '../../../../../proxy/wire/http2/hpack/encoder.ts'
import { huffmanBytes, huffmanCode, huffmanText } from '../../../../../proxy/wire/http2/hpack/huffman.ts'
import { seeded } from '../../../../support/random.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const decode = (decoder: HpackDecoder, bytes: Buffer) => decoder.decode(bytes, 0, bytes.length)

describe('the examples of RFC 7541', () => {
  test.each([
    ['C.3, literals', '828684410f7777772e6578616d706c652e636f6d', '828684be58086e6f2d6361636865'],
    ['C.4, coded', '828684418cf1e3c2e5f23a6ba0ab90f4ff', '828684be5886a8eb10649cbf'],
  ])('%s: the second block refers to the first', (_name, first, second) => {
    const decoder = new HpackDecoder(16_384)
    const request = [':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'www.example.com']
    expect(decode(decoder, hex(first))).toEqual(request)
    expect(decode(decoder, hex(second))).toEqual([...request, 'cache-control', 'no-cache'])
  })

  test('C.6: replies in a table that is too small for all of them', () => {
    const decoder = new HpackDecoder(16_384)
    // The examples' table has 256 bytes.
    const blocks = [
      '3fe101 488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
      '4883640effc1c0bf',
      '88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
    ]
    const replies = blocks.map(block => decode(decoder, hex(block)))
    expect(replies[1]).toEqual([
      ':status',
      '307',
      'cache-control',
      'private',
      'date',
      'Mon, 21 Oct 2013 20:13:21 GMT',
      'location',
      'https://www.example.com',
    ])
    expect(replies[2]).toContain('foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1')
  })
})

describe('Huffman', () => {
  test('every byte comes back', () => {
    const next = seeded(1)
    const random = (below: number): number => Math.floor(next() * below)
    for (let round = 0; round < 500; round++) {
      const text = Array.from({ length: random(40) }, () => String.fromCharCode(random(256))).join('')
      const code = Buffer.from(huffmanCode(text), 'latin1')
      expect(code.length).toBe(huffmanBytes(text))
      expect(huffmanText(code, 0, code.length)).toBe(text)
    }
  })

  test.each([
    ['padding of zeros', '00'],
    ['padding of eight bits', '1fff'],
    ['the code of the end', 'fffffffc'],
  ])('%s is refused', (_name, code) => {
    const bytes = hex(code)
    expect(huffmanText(bytes, 0, bytes.length)).toBeNull()
  })
})

test('whatever is written is read again, through tables of any size', () => {
  const next = seeded(2)
  const random = (below: number): number => Math.floor(next() * below)
  const encoder = new HpackEncoder()
  const decoder = new HpackDecoder(1_000_000)
  for (let round = 0; round < 2000; round++) {
    if (round % 50 === 25) encoder.limit(random(5000))
    const fields: string[] = []
    let text = encoder.sizeUpdate()
    for (let i = 0; i < 8; i++) {
      const name = `x-${random(6)}`
      const value = 'v'.repeat(random(random(300) + 1)) + random(10)
      fields.push(name, value)
      text += random(3) === 0 ? encoder.once(name, value) : encoder.field(name, value)
    }
    expect(decode(decoder, Buffer.from(text, 'latin1'))).toEqual(fields)
  }
})

test('what was sent before is a byte', () => {
  const encoder = new HpackEncoder()
  expect(encoder.field('x-frame-options', 'deny').length).toBeGreaterThan(10)
  expect(encoder.field('x-frame-options', 'deny')).toHaveLength(1)
  const { changes } = encoder
  encoder.field('x-frame-options', 'deny')
  expect(encoder.changes).toBe(changes)
})

test('a cookie is for nobody on the way to keep', () => {
  expect(new HpackEncoder().field('set-cookie', 'a=b').charCodeAt(0)).toBe(0x10 | 0x0f)
})

describe('what is refused', () => {
  test.each([
    ['index 0', '80', 'bad_index'],
    ['an index beyond the table', 'ff00', 'bad_index'],
    ['a number without end', 'ffffffffffffffffff', 'bad_integer'],
    ['a number that is cut off', 'ff', 'cut_off'],
    ['a string that is cut off', '400161ff', 'cut_off'],
    ['a table larger than ours', '3fe21f', 'bad_size_update'],
    ['a size behind a field', '8220', 'bad_size_update'],
    ['bad padding', '00016181 00', 'bad_huffman'],
  ])('%s', (_name, block, fault) => {
    expect(decode(new HpackDecoder(16_384), hex(block))).toBe(fault)
  })

  test('too many fields are not kept, and the table is as the client thinks it is', () => {
    const decoder = new HpackDecoder(200)
    // One field of the table, and a reference to it again and again: a bomb in small.
    const field = Buffer.concat([hex('4001610a'), Buffer.alloc(10, 'b')])
    expect(decode(decoder, Buffer.concat([field, Buffer.alloc(6, 0xbe)]))).toBe('list_too_large')
    expect(decode(decoder, hex('be'))).toEqual(['a', 'bbbbbbbbbb'])
    expect(decode(decoder, Buffer.alloc(30, 0xbe))).toBe('list_bomb')
  })
})
