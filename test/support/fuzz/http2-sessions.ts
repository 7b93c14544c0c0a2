// What a client says on one HTTP/2 connection, at random and right; and what must be read from it.
import {
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  headers,
  PADDED,
  PRIORITY_FLAG,
  padded,
  ping,
  priority,
  priorityOf,
  reset,
  SETTING,
  settings,
  windowUpdate,
} from '../http2/frame.ts'
import { type Field, indexed, type Kind, literal, tableSize } from '../http2/hpack.ts'
import { HpackModel } from '../http2/hpack-model.ts'
import type { Random } from '../random.ts'
import { pick } from './hpack-blocks.ts'

export interface Wanted {
  start: string
  fields: string[]
  body: string
  whole: boolean
}

/** A request that is being said. */
interface Open {
  stream: number
  wanted: Wanted
  left: number
}

const KINDS: readonly Kind[] = ['remembered', 'plain', 'never']
const EXTRA: readonly Field[] = [
  ['accept', '*/*'],
  ['x-trace', 'abc'],
  ['user-agent', 'fuzz'],
  ['x-long', 'l'.repeat(500)],
]

export class SessionWriter {
  readonly frames: Buffer[] = [settings()]
  readonly wanted: Wanted[] = []
  readonly #random: Random
  /** What the gate remembers of our fields. */
  readonly #table = new HpackModel()
  #open: Open[] = []
  #stream = -1

  constructor(random: Random) {
    this.#random = random
    for (let i = 3 + this.#upTo(12); i > 0; i--) this.#say()
  }

  #upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1))
  }

  #say(): void {
    const what = this.#random()
    if (what < 0.45 || this.#open.length === 0) this.#request()
    else if (what < 0.75) this.#body(pick(this.#random, this.#open))
    else this.#aside()
  }

  #request(): void {
    const random = this.#random
    this.#stream += 2 * (1 + this.#upTo(2))
    const post = random() < 0.6
    const path = `/${this.#stream}`
    const fields: Field[] = [
      [':method', post ? 'POST' : 'GET'],
      [':scheme', 'https'],
      [':path', path],
      [':authority', 'app.test'],
      ...EXTRA.filter(() => random() < 0.4),
    ]
    const open = { stream: this.#stream, left: this.#upTo(3), wanted: this.#want(fields) }
    this.wanted.push(open.wanted)
    if (post) this.#open.push(open)
    else open.wanted.whole = true
    this.#head(this.#stream, fields, post ? 0 : END_STREAM)
  }

  #want(fields: readonly Field[]): Wanted {
    const value = (name: string) => fields.find(field => field[0] === name)![1]
    const plain = fields.filter(([name]) => name[0] !== ':').flat()
    return { start: `${value(':method')} ${value(':path')}`, fields: plain, body: '', whole: false }
  }

  /** HEADERS and CONTINUATIONs; padded, with a priority or not. */
  #head(stream: number, fields: readonly Field[], end: number): void {
    const random = this.#random
    const block = this.#block(fields)
    const cuts =
      random() < 0.7 ? [] : Array.from({ length: 1 + this.#upTo(4) }, () => this.#upTo(block.length))
    const [first, ...rest] = pieces(
      block,
      cuts.sort((a, b) => a - b),
    )
    let payload = first!
    let flags = end | (rest.length === 0 ? END_HEADERS : 0)
    if (random() < 0.2) {
      payload = Buffer.concat([priorityOf(0, this.#upTo(255)), payload])
      flags |= PRIORITY_FLAG
    }
    if (random() < 0.2) {
      payload = padded(payload, this.#upTo(255))
      flags |= PADDED
    }
    this.frames.push(headers(stream, payload, flags))
    for (const [i, part] of rest.entries())
      this.frames.push(continuation(stream, part, i === rest.length - 1 ? END_HEADERS : 0))
  }

  #block(fields: readonly Field[]): Buffer {
    const random = this.#random
    const parts: Buffer[] = random() < 0.1 ? [tableSize(pick(random, [0, 60, 4096]))] : []
    for (const part of parts) this.#table.decode(part)
    for (const [name, value] of fields) {
      const known = this.#table.table.findIndex(it => it[0] === name && it[1] === value)
      const part =
        known >= 0 && random() < 0.8
          ? indexed(62 + known)
          : literal(pick(random, KINDS), name, value, random() < 0.5)
      // The model's table moves as the gate's does, field by field.
      this.#table.decode(part)
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  #body(open: Open): void {
    const random = this.#random
    const { stream, wanted } = open
    if (random() < 0.1) {
      this.frames.push(reset(stream))
      this.#open = this.#open.filter(it => it !== open)
      return
    }
    const text = 'b'.repeat(random() < 0.1 ? 16_000 : this.#upTo(40))
    wanted.body += text
    const last = open.left-- <= 0
    const trailers = last && random() < 0.3
    const flags = last && !trailers ? END_STREAM : 0
    this.frames.push(
      random() < 0.3 ? data(stream, padded(text, this.#upTo(99)), flags | PADDED) : data(stream, text, flags),
    )
    if (!last) return
    if (trailers) this.#head(stream, [['x-sum', '1']], END_STREAM)
    wanted.whole = true
    this.#open = this.#open.filter(it => it !== open)
  }

  /** What changes nothing for any request. */
  #aside(): void {
    const random = this.#random
    const some = pick(random, this.#open).stream
    this.frames.push(
      pick(random, [
        () => ping(),
        () => settings([SETTING.MAX_CONCURRENT_STREAMS, 1], [0xabcd, 1]),
        () => settings([SETTING.INITIAL_WINDOW_SIZE, this.#upTo(100_000)]),
        () => windowUpdate(0, 1 + this.#upTo(1000)),
        () => windowUpdate(some, 1 + this.#upTo(1000)),
        () => priority(some, 0),
        () => priority(some + 1000, some),
        () =>
          frame(
            0x20 + this.#upTo(200),
            this.#upTo(255),
            random() < 0.5 ? 0 : some,
            Buffer.alloc(this.#upTo(50)),
          ),
        () => ping('notasked', 1),
      ])(),
    )
  }
}

/** @param places in ascending order */
export function pieces(bytes: Buffer, places: readonly number[]): Buffer[] {
  const all = [0, ...places, bytes.length]
  return all.slice(1).map((end, i) => bytes.subarray(all[i]!, end))
}
