// Field blocks of a connection, at random: most of them right, and some that no encoder would write.
import { indexed, type Kind, literal, tableSize } from '../http2/hpack.ts'
import { HpackModel } from '../http2/hpack-model.ts'
import type { Random } from '../random.ts'

const KINDS: readonly Kind[] = ['remembered', 'remembered', 'plain', 'never']
const TEXTS = [
  '',
  'a',
  'x-a',
  'cookie',
  'www.example.com',
  'no-cache',
  'custom-key',
  '0'.repeat(300),
  ':path',
]
/** Lengths at which an integer takes another octet, and those about the table's size. */
const LENGTHS = [0, 1, 5, 30, 31, 126, 127, 128, 254, 255, 256, 1000, 4032, 4064, 4096]
const SIZES = [0, 1, 31, 32, 33, 64, 100, 1000, 4095, 4096, 4096, 4096]

export const pick = <T>(random: Random, all: readonly T[]): T => all[Math.floor(random() * all.length)]!

const upTo = (random: Random, most: number): number => Math.floor(random() * (most + 1))

function text(random: Random): string {
  if (random() < 0.6) return pick(random, TEXTS)
  const length = random() < 0.2 ? pick(random, LENGTHS) : upTo(random, 40)
  const all = random() < 0.5
  const octets = Array.from({ length }, () => (all ? upTo(random, 255) : 0x20 + upTo(random, 94)))
  return Buffer.from(octets).toString('latin1')
}

/** What an entry takes besides its octets (RFC 7541 section 4.1). */
const OVERHEAD = 32

/** The blocks of one connection; it knows what is in the table, so that few of its indexes mean nothing. */
export function fieldBlocks(random: Random): Buffer[] {
  const model = new HpackModel()
  const blocks: Buffer[] = []
  for (let left = 1 + upTo(random, 15); left > 0; left--) {
    const parts: Buffer[] = []
    const add = (part: Buffer) => {
      parts.push(part)
      model.decode(part)
    }
    while (random() < 0.15) add(tableSize(pick(random, SIZES)))
    for (let i = upTo(random, 6); i > 0; i--) add(part(random, model))
    const block = Buffer.concat(parts)
    const wrong = random() < 0.06
    blocks.push(wrong ? broken(random, block) : block)
    if (wrong) break
  }
  return blocks
}

function part(random: Random, model: HpackModel): Buffer {
  const huffman = random() < 0.5
  const index = 1 + upTo(random, 60 + model.table.length)
  if (random() < 0.35) return indexed(index)
  const name = random() < 0.5 ? index : text(random)
  if (random() < 0.2) return filling(random, model)
  return literal(pick(random, KINDS), name, text(random), huffman)
}

/** An entry that leaves the table exactly full, or one octet less or more. */
function filling(random: Random, model: HpackModel): Buffer {
  const room = model.size - (random() < 0.5 ? model.bytes : 0)
  const octets = Math.max(0, room - OVERHEAD - 3 + upTo(random, 2) - 1)
  return literal('remembered', 'x-f', 'f'.repeat(octets))
}

/** Something that is not right, most likely. */
function broken(random: Random, block: Buffer): Buffer {
  const how = random()
  if (how < 0.1) return Buffer.concat([block, tableSize(pick(random, SIZES))])
  if (how < 0.15) return Buffer.concat([tableSize(4097 + upTo(random, 5000)), block])
  if (how < 0.3) return Buffer.concat([block, indexed(62 + upTo(random, 80))])
  if (how < 0.4) return Buffer.concat([block, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f])])
  return spoil(random, block)
}

/** Some octets changed, left out or put in, or the end cut off. */
export function spoil(random: Random, bytes: Buffer): Buffer {
  let spoilt = Buffer.from(bytes)
  for (let i = 1 + upTo(random, 2); i > 0 && spoilt.length > 0; i--) {
    const at = upTo(random, spoilt.length - 1)
    const how = random()
    const octet = Buffer.from([random() < 0.3 ? 0xff : upTo(random, 255)])
    if (how < 0.5) spoilt[at] = octet[0]!
    else if (how < 0.65) spoilt[at] = spoilt[at]! ^ (1 << upTo(random, 7))
    else if (how < 0.8) spoilt = Buffer.concat([spoilt.subarray(0, at), octet, spoilt.subarray(at)])
    else if (how < 0.9) spoilt = Buffer.concat([spoilt.subarray(0, at), spoilt.subarray(at + 1)])
    else spoilt = Buffer.from(spoilt.subarray(0, at))
  }
  return spoilt
}
