// HPACK blocks from parts, right ones and wrong ones (RFC 7541 sections 5 and 6).
import { huffmanEncode } from './huffman.ts'

export type Field = readonly [name: string, value: string]

/**
 * An integer (section 5.1).
 * @param first the bits above the prefix
 * @param prefix bits
 */
export function integer(first: number, prefix: number, value: number): Buffer {
  const most = 2 ** prefix - 1
  if (value < most) return Buffer.from([first | value])
  const bytes = [first | most]
  let left = value - most
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128)
  bytes.push(left)
  return Buffer.from(bytes)
}

/** A string (section 5.2). */
export function text(value: string, huffman = false): Buffer {
  const bytes = huffman ? huffmanEncode(value) : Buffer.from(value, 'latin1')
  return Buffer.concat([integer(huffman ? 0x80 : 0, 7, bytes.length), bytes])
}

/** A string whose coded octets are given: what no encoder would write. */
export const coded = (bytes: Buffer): Buffer => Buffer.concat([integer(0x80, 7, bytes.length), bytes])

/** Section 6.1. */
export const indexed = (index: number): Buffer => integer(0x80, 7, index)

const KINDS = { remembered: [0x40, 6], plain: [0, 4], never: [0x10, 4] } as const
export type Kind = keyof typeof KINDS

/**
 * Section 6.2.
 * @param name its index, or itself
 */
export function literal(kind: Kind, name: number | string, value: string, huffman = false): Buffer {
  const [first, prefix] = KINDS[kind]
  const named =
    typeof name === 'number'
      ? integer(first, prefix, name)
      : Buffer.concat([Buffer.from([first]), text(name, huffman)])
  return Buffer.concat([named, text(value, huffman)])
}

/** A change of the dynamic table's size (section 6.3). */
export const tableSize = (bytes: number): Buffer => integer(0x20, 5, bytes)

/** Literal fields, never indexed: any bytes at all. */
export const block = (fields: readonly Field[]): Buffer =>
  Buffer.concat(fields.map(([name, value]) => literal('never', name, value)))

/** The four pseudo-fields of a GET, some replaced or (undefined) left out. */
export function pseudo(over: Record<string, string | undefined> = {}): Field[] {
  const all = { ':method': 'GET', ':scheme': 'https', ':path': '/', ':authority': 'app.test', ...over }
  return Object.entries(all).filter((field): field is [string, string] => field[1] !== undefined)
}
