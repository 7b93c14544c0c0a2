// Our HPACK against RFC 7541 word for word: what the decoder makes of any blocks, and the model of what the encoder wrote.
import { HpackDecoder } from '../../../proxy/wire/http2/hpack/decoder.ts'
import { HpackEncoder } from '../../../proxy/wire/http2/hpack/encoder.ts'
import type { Field } from '../http2/hpack.ts'
import { HpackFaultError, HpackModel } from '../http2/hpack-model.ts'
import { seeded } from '../random.ts'
import { fieldBlocks, pick } from './hpack-blocks.ts'

export interface Campaign2 {
  cases: number
  /** What became of cases, and how often. */
  used: Map<string, number>
  findings: string[]
}

const MOST_FINDINGS = 10
/** The decoder's bound on what it reads is its own; here it is out of the way. */
const LIST_BYTES = 2 ** 24
const FAULTS = ['bad_index', 'bad_integer', 'bad_huffman', 'bad_size_update', 'cut_off']

/** @param runCase @returns '' or what is wrong; each case has a seed of its own: `SEED=… CASES=1` */
export function runCases(
  seed: number,
  cases: number,
  runCase: (seed: number, used: Map<string, number>) => string,
  goesOn: (campaign: Campaign2) => boolean = () => true,
): Campaign2 {
  const campaign: Campaign2 = { cases: 0, used: new Map(), findings: [] }
  for (let i = 0; i < cases && campaign.findings.length < MOST_FINDINGS; i++) {
    if (i % 100 === 0 && i > 0 && !goesOn(campaign)) break
    const found = runCase(seed + i, campaign.used)
    if (found !== '') campaign.findings.push(`SEED=${seed + i} CASES=1: ${found}`)
    campaign.cases++
  }
  return campaign
}

const note = (used: Map<string, number>, what: string): void => void used.set(what, (used.get(what) ?? 0) + 1)

function byModel(model: HpackModel, block: Buffer): Field[] | string {
  try {
    return model.decode(block)
  } catch (error) {
    if (error instanceof HpackFaultError) return error.message
    throw error
  }
}

/** The blocks of one connection, up to the first that is broken. */
export function compareBlocks(blocks: readonly Buffer[], used: Map<string, number>): string {
  const model = new HpackModel()
  const decoder = new HpackDecoder(LIST_BYTES)
  for (const [i, block] of blocks.entries()) {
    const expected = byModel(model, block)
    // Among other bytes, as it comes in a connection's buffer.
    const input = Buffer.concat([Buffer.from([0x82, 0xff]), block, Buffer.from([0xff, 0x82])])
    const got = decoder.decode(input, 2, 2 + block.length)
    const place = `block ${i} of ${JSON.stringify(blocks.map(it => it.toString('hex')))}`
    if (typeof expected === 'string' || typeof got === 'string') {
      note(used, typeof got === 'string' ? got : 'read')
      if (typeof expected !== typeof got)
        return `${JSON.stringify(got)} where the model says ${JSON.stringify(expected)}, ${place}`
      return FAULTS.includes(got as string) ? '' : `${got as string}, ${place}`
    }
    note(used, expected.length === 0 ? 'read, empty' : 'read')
    if (JSON.stringify(got) !== JSON.stringify(expected.flat()))
      return `${JSON.stringify(got)} where the model says ${JSON.stringify(expected.flat())}, ${place}`
  }
  return ''
}

export function decodeCase(seed: number, used: Map<string, number>): string {
  return compareBlocks(fieldBlocks(seeded(seed)), used)
}

const NAMES = ['x-a', 'etag', 'server', 'content-type', 'set-cookie', 'vary', 'x-long', ':status', 'date']
const VALUES = ['', '200', 'text/html', 'a=1; path=/', '\xff\xfe', 'v'.repeat(200), 'w'.repeat(1100), 'gzip']
const LIMITS = [0, 32, 40, 100, 300, 4096, 4096, 65_536]

/** Answers to a client that changes its mind about its table now and then. */
export function encodeCase(seed: number, used: Map<string, number>): string {
  const random = seeded(seed)
  const model = new HpackModel()
  const encoder = new HpackEncoder()
  for (let i = 0; i < 30; i++) {
    while (random() < 0.15) {
      const limit = pick(random, LIMITS)
      encoder.limit(limit)
      model.allow(limit)
    }
    let text = encoder.sizeUpdate()
    const fields: Field[] = []
    for (let left = Math.floor(random() * 12); left > 0; left--) {
      const name = random() < 0.9 ? pick(random, NAMES) : `x-${Math.floor(random() * 500)}`
      const field: Field = [name, random() < 0.8 ? pick(random, VALUES) : String(Math.floor(random() * 500))]
      fields.push(field)
      text += random() < 0.2 ? encoder.once(...field) : encoder.field(...field)
    }
    const read = byModel(model, Buffer.from(text, 'latin1'))
    if (JSON.stringify(read) !== JSON.stringify(fields))
      return `answer ${i}: ${JSON.stringify(read)} where ${JSON.stringify(fields)} was written`
    note(used, `written, ${Math.min(model.table.length, 20)} remembered`)
  }
  return ''
}
