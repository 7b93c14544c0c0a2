// The Huffman code of field strings (RFC 7541 appendix B): canonical, so the lengths of its codes are all of it.

/** Bits of each byte's code, and of the end of a string (256), which only pads. */
// biome-ignore format: sixteen a line, as the bytes they stand for
const BITS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
]
const END = 256
const LONGEST = 30

/** Shorter codes first, then smaller bytes: that order is what makes the code canonical. */
const CODES = ((): Uint32Array => {
  const codes = new Uint32Array(BITS.length)
  let code = 0
  for (let bits = 1; bits <= LONGEST; bits++) {
    for (let byte = 0; byte < BITS.length; byte++) if (BITS[byte] === bits) codes[byte] = code++
    code <<= 1
  }
  return codes
})()

/** What four more bits lead to from a place in the tree: the next place, with a byte or without. */
const BYTE = 1 << 16
/** No code begins like this (that of the string's end is not to be sent). */
const WRONG = 1 << 17
/** Sixteen steps of each place; bits 0 to 15: the place times sixteen, 24 to 31: the byte. */
let steps: Int32Array | null = null
/** Where a string may end: nothing but up to seven bits of the end's code, all ones, since the last byte. */
let mayEnd: Uint8Array = new Uint8Array(0)

interface Node {
  children: (Node | undefined)[]
  symbol: number
  place: number
  padding: boolean
}

/** Made when the first string comes: a worker without HTTP/2 needs none of it. */
function makeSteps(): Int32Array {
  const inner: Node[] = []
  const node = (padding: boolean): Node => ({ children: [], symbol: -1, place: -1, padding })
  const root = node(true)
  for (let symbol = 0; symbol < BITS.length; symbol++) {
    let at = root
    for (let bit = BITS[symbol]! - 1; bit >= 0; bit--) {
      const one = (CODES[symbol]! >>> bit) & 1
      const depth = BITS[symbol]! - bit
      at = at.children[one] ??= node(at.padding && one === 1 && depth <= 7)
    }
    at.symbol = symbol
  }
  const walk = (at: Node): void => {
    if (at.symbol >= 0) return
    at.place = inner.push(at) - 1
    for (const child of at.children) walk(child!)
  }
  walk(root)
  const table = new Int32Array(inner.length * 16)
  for (const from of inner)
    for (let four = 0; four < 16; four++) {
      let at = from
      let step = 0
      for (let bit = 3; bit >= 0; bit--) {
        at = at.children[(four >>> bit) & 1]!
        if (at.symbol < 0) continue
        step |= at.symbol === END ? WRONG : BYTE | (at.symbol << 24)
        at = root
      }
      table[from.place * 16 + four] = step | (at.place * 16)
    }
  mayEnd = Uint8Array.from(inner, at => (at.padding ? 1 : 0))
  return table
}

let decoded = Buffer.alloc(0)

/** @returns the text, latin1; null: not of this code (section 5.2) */
export function huffmanText(input: Buffer, start: number, end: number): string | null {
  steps ??= makeSteps()
  // The shortest code has five bits.
  const most = (((end - start) * 8) / 5) | 0
  if (decoded.length < most) decoded = Buffer.allocUnsafeSlow(Math.max(4096, most))
  const table = steps
  const out = decoded
  let length = 0
  let place = 0
  for (let i = start; i < end; i++) {
    const byte = input[i]!
    let step = table[place + (byte >>> 4)]!
    if ((step & BYTE) !== 0) out[length++] = step >>> 24
    const wrong = step & WRONG
    step = table[(step & 0xffff) + (byte & 15)]!
    if ((step & BYTE) !== 0) out[length++] = step >>> 24
    if (((wrong | step) & WRONG) !== 0) return null
    place = step & 0xffff
  }
  if (mayEnd[place >>> 4] === 0) return null
  return out.toString('latin1', 0, length)
}

/** @returns bytes that `text` would take */
export function huffmanBytes(text: string): number {
  let bits = 0
  for (let i = 0; i < text.length; i++) bits += BITS[text.charCodeAt(i)]!
  return (bits + 7) >>> 3
}

/** @param text latin1 @returns its code, a character for each byte */
export function huffmanCode(text: string): string {
  let out = ''
  let held = 0
  let bits = 0
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i)
    let code = CODES[byte]!
    let left = BITS[byte]!
    while (left > 0) {
      const take = Math.min(8 - bits, left)
      held = (held << take) | (code >>> (left - take))
      code &= (1 << (left - take)) - 1
      left -= take
      bits += take
      if (bits < 8) continue
      out += String.fromCharCode(held)
      held = bits = 0
    }
  }
  // The first bits of the end's code, which are ones.
  return bits === 0 ? out : out + String.fromCharCode((held << (8 - bits)) | ((1 << (8 - bits)) - 1))
}
