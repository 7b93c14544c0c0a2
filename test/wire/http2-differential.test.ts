// HPACK and frames that are read in two ways are a way to smuggle: ours reads what the RFC's words say, cut anywhere.
import { expect, test } from 'vitest'
import { decodeCase, encodeCase, runCases } from '../support/fuzz/hpack-campaign.ts'
import { rightCase, spoiltCase } from '../support/fuzz/http2-campaign.ts'
import { block, indexed, literal, pseudo } from '../support/http2/hpack.ts'
import { HpackModel } from '../support/http2/hpack-model.ts'
import { CODE_OF, EOS, huffmanDecode, huffmanEncode } from '../support/http2/huffman.ts'

/** `npm run fuzz` is the long run. */
const CASES = 3000

test(`${CASES} connections' field blocks, right and wrong: the decoder reads what the model reads`, () => {
  const { findings, used } = runCases(1, CASES, decodeCase)
  expect(findings).toEqual([])
  // Silence of a comparison that compares nothing would be worthless.
  for (const what of ['read', 'bad_index', 'bad_integer', 'bad_huffman', 'bad_size_update', 'cut_off'])
    expect([what, used.get(what) ?? 0]).toEqual([what, expect.toSatisfy((count: number) => count > 10)])
})

test('what the encoder writes the model reads, whatever the client says of its table', () => {
  const { findings, used } = runCases(1, 200, encodeCase)
  expect(findings).toEqual([])
  expect(used.size).toBeGreaterThan(10)
})

test('connections of clients, cut anywhere: the requests are those that were said', () => {
  const { findings, used } = runCases(1, 400, rightCase)
  expect(findings).toEqual([])
  expect(used.size).toBeGreaterThan(5)
})

test('spoilt connections, cut anywhere, are read in one way, and no request is lost or finished twice', () => {
  const { findings, used } = runCases(1, 600, spoiltCase)
  expect(findings).toEqual([])
  expect(used.size).toBeGreaterThan(10)
})

// The examples of RFC 7541: a model that is wrong would prove nothing.
test('the model reads the RFC as its authors do', () => {
  const read = (model: HpackModel, hex: string) =>
    model.decode(Buffer.from(hex.replaceAll(' ', ''), 'hex')).map(field => field.join(': '))
  // Appendix C.4: requests with Huffman code.
  const model = new HpackModel()
  expect(read(model, '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff')).toEqual([
    ':method: GET',
    ':scheme: http',
    ':path: /',
    ':authority: www.example.com',
  ])
  expect(read(model, '8286 84be 5886 a8eb 1064 9cbf').slice(3)).toEqual([
    ':authority: www.example.com',
    'cache-control: no-cache',
  ])
  expect(read(model, '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf').at(-1)).toBe(
    'custom-key: custom-value',
  )
  expect(model.bytes).toBe(164)
  // Appendix C.5: responses through a table of 256 octets.
  const small = new HpackModel(256)
  const date = 'Mon, 21 Oct 2013 20:13:21 GMT'
  const first = Buffer.concat([
    literal('remembered', 8, '302'),
    literal('remembered', 24, 'private'),
    literal('remembered', 33, date),
    literal('remembered', 46, 'https://www.example.com'),
  ])
  small.decode(first)
  expect(small.bytes).toBe(222)
  expect(
    small.decode(
      Buffer.concat([literal('remembered', 8, '307'), indexed(0xc1 & 127), indexed(64), indexed(63)]),
    ),
  ).toEqual([
    [':status', '307'],
    ['cache-control', 'private'],
    ['date', date],
    ['location', 'https://www.example.com'],
  ])
  expect([small.bytes, small.table.length]).toEqual([222, 4])
})

test('the Huffman code of the model is the one of the RFC', () => {
  // Appendix B, one of each kind; and it is a prefix code that leaves nothing out (Kraft's sum is 1).
  expect([CODE_OF[0x30], CODE_OF[0x61], CODE_OF[0x58], CODE_OF[0x5c], CODE_OF[0x0a], CODE_OF[EOS]]).toEqual([
    '00000',
    '00011',
    '11111100',
    '1111111111111110000',
    '111111111111111111111111111100',
    '1'.repeat(30),
  ])
  expect(CODE_OF.reduce((sum, code) => sum + 2 ** -code.length, 0)).toBe(1)
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i)).toString('latin1')
  expect(huffmanDecode(huffmanEncode(all))).toBe(all)
  expect(new HpackModel().decode(block(pseudo()))).toEqual(pseudo())
})
