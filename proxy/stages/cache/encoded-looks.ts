// Looks into bodies that come encoded, of a sample and off the request's path: what repeats a client is taken out again.
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { Entry } from './entry.ts'
import { BodyScan, isText, type Needle, SCAN_BYTES } from './reflection.ts'

/** So many of a route are looked into at first, then one in so many; each, once one of them was found to repeat. */
const FIRST = 16
const ONE_IN = 64
/** More at one time are passed over: the threads are compression's, too. */
const MAX_AT_ONCE = 4
/** As much of the encoded body is decoded, and of what comes out `SCAN_BYTES` are kept. */
const INPUT_BYTES = 16 * 1024

const DECODERS = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
])

export class EncodedLooks {
  readonly #found: (entry: Entry, field: string) => void
  /** Stored so far by route; −1: it repeats. Routes come from the configuration. */
  readonly #seen = new Map<string, number>()
  /** Looks that have not ended yet. */
  underWay = 0

  /** @param found told of an entry that repeats what the client of its fetch said in `field` */
  constructor(found: (entry: Entry, field: string) => void) {
    this.#found = found
  }

  /** @param needles what its fetch told the upstream that is not in the key */
  consider(entry: Entry, needles: readonly Needle[]): void {
    const decoder = DECODERS.get(fieldOf(entry, 'content-encoding').toLowerCase())
    if (decoder === undefined || !isText(fieldOf(entry, 'content-type'))) return
    if (!this.#isDue(entry.route) || this.underWay >= MAX_AT_ONCE) return
    this.underWay++
    decode(decoder(), entry.body, text => {
      this.underWay--
      const scan = new BodyScan(needles)
      scan.look(text, true)
      if (scan.found === '') return
      this.#seen.set(entry.route, -1)
      this.#found(entry, scan.found)
    })
  }

  #isDue(route: string): boolean {
    const seen = this.#seen.get(route) ?? 0
    if (seen < 0) return true
    this.#seen.set(route, seen + 1)
    return seen < FIRST || seen % ONE_IN === 0
  }
}

/** @param done told once, with the beginning as far as it could be decoded */
function decode(decoder: Transform, body: Buffer, done: (text: Buffer) => void): void {
  const parts: Buffer[] = []
  let bytes = 0
  let ended = false
  const end = () => {
    if (ended) return
    ended = true
    decoder.removeAllListeners().on('error', () => {})
    decoder.destroy()
    done(Buffer.concat(parts))
  }
  decoder.on('data', (part: Buffer) => {
    parts.push(part)
    bytes += part.length
    if (bytes >= SCAN_BYTES) end()
  })
  // A body that is not what it says cannot be read by clients either.
  decoder.once('error', end)
  decoder.write(body.subarray(0, INPUT_BYTES), end)
}

function fieldOf({ head: { flat } }: Entry, name: string): string {
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1]!
  return ''
}
