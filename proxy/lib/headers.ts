// Header fields as one flat array of lower-case names and values: no object per field, order kept.
import type { Fact } from './fact.ts'

/** A reply's head, as far as its fields and its status make it. */
export interface Served {
  readonly status: number
  /** Status line and fields, without those that frame the body. */
  readonly text: string
  /** The same with its Content-Length; '' without one. */
  readonly withLength: string
  /** Its Content-Length, bytes; −1 without one. */
  readonly length: number
  /** Has a Date. */
  readonly dated: boolean
  /** The texts are in one piece. */
  readonly kept: boolean
}

/** The field that was last added behind a block's, and what both make together; null: it was added once. */
interface Longer {
  readonly name: string
  readonly value: string
  block: Block | null
}

/** Fields that do not change any more, shared by all messages that carry the same. */
export class Block {
  /** name, value, name, value … */
  readonly flat: readonly string[]
  /** What a writer of replies worked out from them. */
  served: Served | null = null
  #text = ''
  #uses = 0
  #facts: unknown[] | null = null
  #longer: Longer | null = null

  constructor(flat: readonly string[]) {
    this.flat = flat
  }

  /** What was concluded from these fields before; undefined: nothing yet. */
  fact<T>(fact: Fact<T>): T | undefined {
    return this.#facts?.[fact.index] as T | undefined
  }

  /** @returns `value`, which holds for every message with these fields */
  keepFact<T>(fact: Fact<T>, value: T): T {
    this.#facts ??= []
    this.#facts[fact.index] = value
    return value
  }

  /** @returns these fields and one more, where that is the one that was added the last time; else null */
  with(name: string, value: string): Block | null {
    const known = this.#longer
    if (known !== null && name === known.name && value === known.value)
      return (known.block ??= new Block([...this.flat, name, value]))
    this.#longer = { name, value, block: null }
    return null
  }

  /** As lines of an HTTP/1 head. Whoever asks a second time shows that it is worth keeping. */
  get text(): string {
    if (this.#text === '' && ++this.#uses === 1) return lines(this.flat)
    return (this.#text ||= inOnePiece(lines(this.flat)))
  }
}

/**
 * Fields of one message. Names are lower-case from the wire on (HTTP/2 demands it, HTTP/1 does not
 * care), values are latin1 text exactly as received. A copy shares what stands in it until one of the two changes it.
 */
export class Headers {
  /** What is shared; null: nothing. */
  #block: Block | null
  /** What stands behind it, this message's own; null: nothing. */
  #own: string[] | null

  constructor(fields: string[] | Block | null = null) {
    if (fields instanceof Block) {
      this.#block = fields
      this.#own = null
    } else {
      this.#block = null
      this.#own = fields
    }
  }

  /** From any flat list; lower-cases the names. */
  static from(flat: readonly string[]): Headers {
    const own = new Array<string>(flat.length)
    for (let i = 0; i < flat.length; i += 2) {
      own[i] = flat[i]!.toLowerCase()
      own[i + 1] = flat[i + 1]!
    }
    return new Headers(own)
  }

  static of(fields: Record<string, string>): Headers {
    const flat: string[] = []
    for (const name in fields) flat.push(name, fields[name]!)
    return new Headers(flat)
  }

  /** name, value, name, value … To be read, not changed: it may be shared. */
  get flat(): readonly string[] {
    if (this.#own === null) return this.#block === null ? NONE : this.#block.flat
    return this.#block === null ? this.#own : this.#ownAll()
  }

  /** The first value, or undefined. */
  get(name: string): string | undefined {
    if (this.#block !== null) {
      const value = valueIn(this.#block.flat, name)
      if (value !== undefined) return value
    }
    return this.#own === null ? undefined : valueIn(this.#own, name)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** All values of a list field as one, joined by `, ` (RFC 9110 section 5.2); undefined when absent. */
  list(name: string): string | undefined {
    const shared = this.#block === null ? undefined : listOf(this.#block.flat, name)
    const own = this.#own === null ? undefined : listOf(this.#own, name)
    if (shared === undefined) return own
    return own === undefined ? shared : `${shared}, ${own}`
  }

  all(name: string): string[] {
    const values: string[] = []
    const { flat } = this
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) values.push(flat[i + 1]!)
    return values
  }

  /** Appends what most messages with these fields get: from the second one on they share it, too. */
  extend(name: string, value: string): void {
    const more = this.#own === null && this.#block !== null ? this.#block.with(name, value) : null
    if (more === null) this.append(name, value)
    else this.#block = more
  }

  append(name: string, value: string): void {
    if (this.#own === null) this.#own = [name, value]
    else this.#own.push(name, value)
  }

  /** Replaces every field of that name by one, in the place of the first. */
  set(name: string, value: string): void {
    if (!this.has(name)) return this.append(name, value)
    const own = this.#ownAll()
    for (let i = 0; i < own.length; i += 2) {
      if (own[i] !== name) continue
      own[i + 1] = value
      return removeFrom(own, name, i + 2)
    }
  }

  delete(name: string): void {
    if (this.has(name)) removeFrom(this.#ownAll(), name, 0)
  }

  /** Costs nothing until one of the two is changed. */
  clone(): Headers {
    return new Headers(this.block())
  }

  /** These fields as they stand now, to be shared. */
  block(): Block {
    if (this.#own !== null) {
      this.#block = new Block(this.flat)
      this.#own = null
    }
    return (this.#block ??= EMPTY)
  }

  /** The shared fields, and those behind them: for a writer that knows the text of what is shared. */
  get shared(): Block | null {
    return this.#block
  }

  get own(): readonly string[] {
    return this.#own ?? NONE
  }

  /** As lines of an HTTP/1 head. */
  get text(): string {
    const shared = this.#block === null ? '' : this.#block.text
    return this.#own === null ? shared : shared + lines(this.#own)
  }

  #ownAll(): string[] {
    if (this.#block !== null) {
      this.#own = this.#own === null ? this.#block.flat.slice() : this.#block.flat.concat(this.#own)
      this.#block = null
    }
    return (this.#own ??= [])
  }
}

const NONE: readonly string[] = []
const EMPTY = new Block(NONE)

function valueIn(flat: readonly string[], name: string): string | undefined {
  for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1]
  return undefined
}

function listOf(flat: readonly string[], name: string): string | undefined {
  let joined: string | undefined
  for (let i = 0; i < flat.length; i += 2)
    if (flat[i] === name) joined = joined === undefined ? flat[i + 1] : `${joined}, ${flat[i + 1]}`
  return joined
}

function removeFrom(flat: string[], name: string, start: number): void {
  let keep = start
  for (let i = start; i < flat.length; i += 2) {
    if (flat[i] === name) continue
    if (keep !== i) {
      flat[keep] = flat[i]!
      flat[keep + 1] = flat[i + 1]!
    }
    keep += 2
  }
  flat.length = keep
}

/** In one piece: text that was added together is walked through again each time it is written. */
export function inOnePiece(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

function lines(flat: readonly string[]): string {
  let text = ''
  for (let i = 0; i < flat.length; i += 2) text += `${flat[i]}: ${flat[i + 1]}\r\n`
  return text
}
