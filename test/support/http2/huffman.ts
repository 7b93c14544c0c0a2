// HPACK's Huffman code, slow and literal (RFC 7541 section 5.2, appendix B).

/** Bits of each octet's code, then of EOS. The code is canonical: the lengths say it all. */
const LENGTHS = [
  '13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28',
  '6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10',
  '13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6',
  '15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28',
  '20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24',
  '22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23',
  '26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27',
  '20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26',
  '30',
].flatMap(row => row.split(' ').map(Number))

export const EOS = 256

/** Each symbol's code as a text of 0 and 1. */
export const CODE_OF: readonly string[] = canonical()

function canonical(): string[] {
  const order = LENGTHS.map((_, symbol) => symbol).sort((a, b) => LENGTHS[a]! - LENGTHS[b]! || a - b)
  const codes: string[] = []
  let code = 0
  let length = 0
  for (const symbol of order) {
    code *= 2 ** (LENGTHS[symbol]! - length)
    length = LENGTHS[symbol]!
    codes[symbol] = (code++).toString(2).padStart(length, '0')
  }
  return codes
}

const SYMBOL_OF = new Map(CODE_OF.map((code, symbol) => [code, symbol]))

/** Bits to octets, as they are: the caller has filled up the last one. */
export const octets = (bits: string): Buffer =>
  Buffer.from((bits.match(/.{8}/g) ?? []).map(eight => Number.parseInt(eight, 2)))

export function huffmanEncode(text: string): Buffer {
  const bits = [...Buffer.from(text, 'latin1')].map(byte => CODE_OF[byte]).join('')
  return octets(bits + '1'.repeat((8 - (bits.length % 8)) % 8))
}

/** @returns latin1; undefined: not a code, or padding that is too long or not of ones */
export function huffmanDecode(coded: Buffer): string | undefined {
  const bits = [...coded].map(byte => byte.toString(2).padStart(8, '0')).join('')
  const symbols: number[] = []
  let begin = 0
  for (let end = 1; end <= bits.length; end++) {
    const symbol = SYMBOL_OF.get(bits.slice(begin, end))
    if (symbol === undefined) continue
    if (symbol === EOS) return undefined
    symbols.push(symbol)
    begin = end
  }
  const padding = bits.slice(begin)
  if (padding.length > 7 || padding.includes('0')) return undefined
  return Buffer.from(symbols).toString('latin1')
}
