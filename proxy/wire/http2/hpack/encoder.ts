// Writes field blocks of one connection (RFC 7541), as text with a character for each byte.
import { huffmanBytes, huffmanCode } from './huffman.ts'
import { STATIC, STATIC_FIELDS } from './static-table.ts'
import { DynamicTable } from './table.ts'

/** We use no more of the client's memory than it offers by default. */
const TABLE_BYTES = 4096
/** A field that takes more of the table than this drives out too many others. */
const ENTRY_MAX = 1024

/** Index of a static name, and of a static name with its value. */
const names = new Map<string, number>()
const pairs = new Map<string, number>()
for (let i = 1; i <= STATIC_FIELDS; i++) {
  const name = STATIC[i * 2 - 2]!
  const value = STATIC[i * 2 - 1]!
  if (!names.has(name)) names.set(name, i)
  if (value !== '') pairs.set(key(name, value), i)
}

/** No field name has a line break in it. */
function key(name: string, value: string): string {
  return `${name}\n${value}`
}

/** Their next value is most likely another: kept, they would only drive out what is the same again. */
const VARYING = new Set([
  'age',
  'cache-status',
  'content-length',
  'content-range',
  'date',
  'etag',
  'expires',
  'last-modified',
  'location',
  'server-timing',
  'traceparent',
  'x-response-time',
])
/** Nobody on the way may keep them either (section 7.1.3). */
const SECRET = new Set(['set-cookie', 'authorization', 'proxy-authorization'])

export class HpackEncoder {
  readonly #table = new DynamicTable(TABLE_BYTES)
  /** Of each entry of the table, when it was added. */
  #places: Map<string, number> | null = null
  #max = TABLE_BYTES
  /** The client has said how much it keeps, and has not been told what we use. */
  #untold = false

  /** As `HpackDecoder.changes`: what was written means the same as long as this stays. */
  get changes(): number {
    return this.#table.changes
  }

  /** The client's SETTINGS_HEADER_TABLE_SIZE. */
  limit(bytes: number): void {
    const max = Math.min(bytes, TABLE_BYTES)
    if (max === this.#max) return
    this.#untold = true
    this.#max = max
  }

  /**
   * Due before the first field of the next block, once; '' where nothing has changed (section 4.2). To nothing and
   * back: whatever it said in between, both ends agree.
   */
  sizeUpdate(): string {
    if (!this.#untold) return ''
    this.#untold = false
    this.#places?.clear()
    this.#table.resize(0)
    this.#table.resize(this.#max)
    return integer(0, 0x1f, 0x20) + (this.#max === 0 ? '' : integer(this.#max, 0x1f, 0x20))
  }

  /** A field that is likely to come again. */
  field(name: string, value: string): string {
    const same = key(name, value)
    const fixed = pairs.get(same)
    if (fixed !== undefined) return integer(fixed, 0x7f, 0x80)
    if (SECRET.has(name)) return literal(name, value, 0x10)
    if (VARYING.has(name) || same.length > ENTRY_MAX || same.length + 31 > this.#max)
      return literal(name, value, 0)
    const place = this.#places?.get(same)
    const age = place === undefined ? Number.POSITIVE_INFINITY : this.#table.added - place
    if (age < this.#table.length) return integer(STATIC_FIELDS + 1 + age, 0x7f, 0x80)
    return this.#add(name, value, same)
  }

  /** A field with a value of its own in each message; its name is short, and it is not coded. */
  once(name: string, value: string): string {
    return once(name, value)
  }

  #add(name: string, value: string, same: string): string {
    this.#places ??= new Map()
    // Entries that were driven out leave their places behind.
    if (this.#places.size > 256) this.#places.clear()
    this.#table.add(name, value)
    this.#places.set(same, this.#table.added)
    const index = names.get(name)
    if (index === undefined) return `\x40${string(name)}${string(value)}`
    return integer(index, 0x3f, 0x40) + string(value)
  }
}

/** @param first the bits that say what it is: 0 not kept, 0x10 to be kept by nobody */
function literal(name: string, value: string, first: number): string {
  const index = names.get(name)
  if (index === undefined) return String.fromCharCode(first) + string(name) + string(value)
  return integer(index, 0x0f, first) + string(value)
}

/** Names of `once` by what they begin a field with. */
const begun = new Map<string, string>()
const BEGUN_MAX = 256

/** Not to be kept, not coded: cheapest to write. */
export function once(name: string, value: string): string {
  let start = begun.get(name)
  if (start === undefined) {
    const index = names.get(name)
    start = index === undefined ? `\0${string(name)}` : integer(index, 0x0f, 0)
    if (begun.size < BEGUN_MAX) begun.set(name, start)
  }
  return start + integer(value.length, 0x7f, 0) + value
}

function string(text: string): string {
  const bytes = huffmanBytes(text)
  // Never so for a character that is no byte: NaN.
  if (!(bytes < text.length)) return integer(text.length, 0x7f, 0) + text
  return integer(bytes, 0x7f, 0x80) + huffmanCode(text)
}

/** A number in the low bits of a byte that says what it is, and in as many more as it needs (section 5.1). */
function integer(number: number, mask: number, first: number): string {
  if (number < mask) return String.fromCharCode(first | number)
  let text = String.fromCharCode(first | mask)
  let left = number - mask
  for (; left >= 0x80; left = Math.floor(left / 128)) text += String.fromCharCode((left & 0x7f) | 0x80)
  return text + String.fromCharCode(left)
}
