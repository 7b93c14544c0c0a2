// A decoder of HPACK that is RFC 7541 word for word, as slow as it likes: what the fast one is held to.
import type { Field } from './hpack.ts'
import { huffmanDecode } from './huffman.ts'
import { STATIC_TABLE } from './static-table.ts'

/** What an entry takes besides its octets (section 4.1). */
const OVERHEAD = 32
/** Integers above this are refused, as section 5.1 lets an implementation do. */
const LARGEST = 2 ** 28

export class HpackFaultError extends Error {}

function fail(what: string): never {
  throw new HpackFaultError(what)
}

export class HpackModel {
  /** Newest first. */
  readonly table: Field[] = []
  /** What SETTINGS_HEADER_TABLE_SIZE allows. */
  limit: number
  #size: number
  /** The least limit that the peer was told of: its next block must begin with a change to no more (section 4.2). */
  #owed = Number.POSITIVE_INFINITY
  #block: Buffer = Buffer.alloc(0)
  #at = 0

  constructor(limit = 4096) {
    this.limit = limit
    this.#size = limit
  }

  /** The peer has confirmed a new SETTINGS_HEADER_TABLE_SIZE. */
  allow(limit: number): void {
    this.limit = limit
    if (limit < this.#size) this.#owed = Math.min(this.#owed, limit)
  }

  decode(block: Buffer): Field[] {
    this.#block = block
    this.#at = 0
    const fields: Field[] = []
    while (this.#at < block.length) {
      const first = block[this.#at]!
      if ((first & 0xe0) === 0x20) {
        if (fields.length > 0) fail('a change of size after a field')
        this.#resize(this.#integer(5))
        continue
      }
      if (this.#owed < Number.POSITIVE_INFINITY) fail('no change of size where one is owed')
      fields.push(this.#field(first))
    }
    return fields
  }

  /** The most that the table may take now. */
  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.table.reduce((sum, [name, value]) => sum + name.length + value.length + OVERHEAD, 0)
  }

  #field(first: number): Field {
    if ((first & 0x80) !== 0) return this.#entry(this.#integer(7))
    const remembered = (first & 0x40) !== 0
    const index = this.#integer(remembered ? 6 : 4)
    const name = index === 0 ? this.#text() : this.#entry(index)[0]
    const field: Field = [name, this.#text()]
    if (remembered) this.#remember(field)
    return field
  }

  #entry(index: number): Field {
    if (index === 0) fail('index 0')
    return STATIC_TABLE[index - 1] ?? this.table[index - 1 - STATIC_TABLE.length] ?? fail(`index ${index}`)
  }

  /** Section 4.4: an entry that does not fit empties the table. */
  #remember(field: Field): void {
    this.table.unshift(field)
    this.#evict()
  }

  #resize(size: number): void {
    if (size > this.limit || size > this.#owed) fail(`size ${size} of ${Math.min(this.limit, this.#owed)}`)
    this.#size = size
    this.#owed = Number.POSITIVE_INFINITY
    this.#evict()
  }

  #evict(): void {
    while (this.bytes > this.#size) this.table.pop()
  }

  #integer(prefix: number): number {
    const most = 2 ** prefix - 1
    let value = this.#octet() & most
    if (value < most) return value
    for (let shift = 0; ; shift += 7) {
      const octet = this.#octet()
      value += (octet & 127) * 2 ** shift
      if (value > LARGEST || shift > 28) fail('an integer that is too large')
      if ((octet & 128) === 0) return value
    }
  }

  #text(): string {
    const huffman = ((this.#block[this.#at] ?? 0) & 0x80) !== 0
    const length = this.#integer(7)
    const end = this.#at + length
    if (end > this.#block.length) fail('a string that goes on behind the block')
    const bytes = this.#block.subarray(this.#at, end)
    this.#at = end
    return huffman ? (huffmanDecode(bytes) ?? fail('no Huffman code')) : bytes.toString('latin1')
  }

  #octet(): number {
    return this.#block[this.#at++] ?? fail('the block ends in the middle')
  }
}
