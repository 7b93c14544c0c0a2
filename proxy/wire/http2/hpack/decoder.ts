// Reads field blocks of one connection (RFC 7541). What it reads is bounded before it is believed.
import { huffmanText } from './huffman.ts'
import { STATIC, STATIC_FIELDS } from './static-table.ts'
import { DynamicTable } from './table.ts'

/**
 * Why a block cannot be read: all but the last two are COMPRESSION_ERROR. `list_too_large`: its fields are too much,
 * and the next block can be read; `list_bomb`: they are so much that nobody should go on.
 */
export type HpackFault =
  | 'bad_index'
  | 'bad_integer'
  | 'bad_huffman'
  | 'bad_size_update'
  | 'cut_off'
  | 'list_too_large'
  | 'list_bomb'

/** Our SETTINGS_HEADER_TABLE_SIZE: the default (RFC 9113 section 6.5.2). */
const TABLE_BYTES = 4096
const OVERHEAD = 32
/** Beyond so many times the limit a list is read no further. */
const BOMB = 4
/** Larger numbers have no use here (section 5.1 lets us refuse them). */
const INTEGER_MAX = 2 ** 28
const NOTHING = Buffer.alloc(0)

export class HpackDecoder {
  readonly #maxListBytes: number
  readonly #table = new DynamicTable(TABLE_BYTES)
  #input: Buffer = NOTHING
  #at = 0
  #end = 0
  #fault: HpackFault | '' = ''

  /** @param maxListBytes of a block's fields, each with 32 bytes more (RFC 9113 section 6.5.2) */
  constructor(maxListBytes: number) {
    this.#maxListBytes = maxListBytes
  }

  /** The same bytes mean the same fields as long as this stays, if it stayed while they were read. */
  get changes(): number {
    return this.#table.changes
  }

  /** @returns name, value, name, value …, latin1 */
  decode(input: Buffer, start: number, end: number): string[] | HpackFault {
    const fields = this.#decode(input, start, end)
    // What was read is lent.
    this.#input = NOTHING
    return fields
  }

  #decode(input: Buffer, start: number, end: number): string[] | HpackFault {
    this.#input = input
    this.#at = start
    this.#end = end
    this.#fault = ''
    const fields: string[] = []
    let listBytes = 0
    while (this.#at < this.#end) {
      const byte = input[this.#at]!
      if ((byte & 0xe0) === 0x20) {
        // Only before the first field (section 4.2).
        if (fields.length > 0 || listBytes > 0) return 'bad_size_update'
        const size = this.#integer(0x1f)
        if (this.#fault !== '') return this.#fault
        if (size > TABLE_BYTES) return 'bad_size_update'
        this.#table.resize(size)
        continue
      }
      let name: string
      let value: string
      if (byte >= 0x80) {
        const index = this.#integer(0x7f)
        if (!this.#known(index)) return this.#fault || 'bad_index'
        name = this.#name(index)
        value = this.#value(index)
      } else {
        const kept = byte >= 0x40
        const index = this.#integer(kept ? 0x3f : 0x0f)
        if (index !== 0 && !this.#known(index)) return this.#fault || 'bad_index'
        name = index === 0 ? this.#string() : this.#name(index)
        value = this.#string()
        if (this.#fault !== '') return this.#fault
        if (kept) this.#table.add(name, value)
      }
      listBytes += name.length + value.length + OVERHEAD
      if (listBytes <= this.#maxListBytes) fields.push(name, value)
      else if (listBytes > this.#maxListBytes * BOMB) return 'list_bomb'
    }
    return listBytes > this.#maxListBytes ? 'list_too_large' : fields
  }

  #known(index: number): boolean {
    return this.#fault === '' && index > 0 && index <= STATIC_FIELDS + this.#table.length
  }

  #name(index: number): string {
    return index <= STATIC_FIELDS ? STATIC[index * 2 - 2]! : this.#table.name(index - STATIC_FIELDS)
  }

  #value(index: number): string {
    return index <= STATIC_FIELDS ? STATIC[index * 2 - 1]! : this.#table.value(index - STATIC_FIELDS)
  }

  /** A number that begins in the low bits of this byte (section 5.1). */
  #integer(mask: number): number {
    const first = this.#input[this.#at++]! & mask
    if (first < mask) return first
    let number = mask
    for (let shift = 0; this.#at < this.#end; shift += 7) {
      const byte = this.#input[this.#at++]!
      number += (byte & 0x7f) * 2 ** shift
      if (number > INTEGER_MAX || shift > 28) break
      if (byte < 0x80) return number
    }
    this.#fault = this.#at < this.#end || number > INTEGER_MAX ? 'bad_integer' : 'cut_off'
    return 0
  }

  #string(): string {
    if (this.#fault !== '') return ''
    if (this.#at >= this.#end) {
      this.#fault = 'cut_off'
      return ''
    }
    const coded = this.#input[this.#at]! >= 0x80
    const length = this.#integer(0x7f)
    const start = this.#at
    if (this.#fault === '' && start + length > this.#end) this.#fault = 'cut_off'
    if (this.#fault !== '') return ''
    this.#at = start + length
    if (!coded) return this.#input.toString('latin1', start, this.#at)
    const text = huffmanText(this.#input, start, this.#at)
    if (text === null) this.#fault = 'bad_huffman'
    return text ?? ''
  }
}
