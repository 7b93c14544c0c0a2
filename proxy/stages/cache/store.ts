// The memory tier: entries by key within a budget of bytes that counts bodies, heads and keys.
import { LRUCache } from 'lru-cache'
import type { Headers } from '../../lib/headers.ts'
import { keepVariants, variantsOf } from '../../lib/variants.ts'
import { Entry } from './entry.ts'
import { MAX_VARY_NAMES, variantSuffix } from './vary.ts'

/** Stands under the primary key of a resource that has variants and says how to find them. */
class VaryIndex {
  readonly names: readonly string[]
  /** Part of every variant's key: with the index gone, its variants are out of reach. */
  readonly generation: number

  constructor(names: readonly string[], generation: number) {
    this.names = names
    this.generation = generation
  }
}

/** Where a lookup ended. `key` is where an answer to this request would stand. */
export interface Found {
  entry: Entry | undefined
  key: string
  /** Variants are known, this one is not. */
  varyMiss: boolean
}

const INDEX_BYTES = 300
/** Keys whose invalidation is remembered, so that a fetch begun before it does not bring the old answer back. */
const MAX_INVALIDATED = 1000
/** Encoded forms are worth keeping from here on. */
const VARIANT_BYTES = 512

export class CacheStore {
  readonly #budgets = new Map<string, number>()
  #items: LRUCache<string, Entry | VaryIndex>
  #generation = 0
  readonly #invalidated = new Map<string, number>()
  #sequence = 0
  /** The latest invalidation of which it is no longer known what it was of. */
  #forgotten = 0
  #pendingBytes = 0

  constructor(budgetBytes = 0) {
    this.#items = newItems(Math.max(1, budgetBytes))
  }

  /** Bytes held: a worker's gauge. */
  get bytes(): number {
    return this.#items.calculatedSize
  }

  /** Responses held, each variant counted: a worker's gauge. */
  get entries(): number {
    return this.#items.size
  }

  get budgetBytes(): number {
    return this.#items.maxSize
  }

  /** A route says how much it may take; the largest word counts, and what is held stays. */
  budget(route: string, bytes: number): void {
    this.#budgets.set(route, bytes)
    const largest = Math.max(1, ...this.#budgets.values())
    if (largest === this.#items.maxSize) return
    const items = newItems(largest)
    for (const [key, item] of [...this.#items.entries()].reverse())
      items.set(key, item, { size: sizeOf(key, item) })
    this.#items = items
  }

  /** @param peek leave the order of use as it is */
  find(primary: string, headers: Headers, peek: boolean): Found {
    const item = this.#get(primary, peek)
    if (!(item instanceof VaryIndex)) return { entry: item, key: primary, varyMiss: false }
    const key = variantKey(primary, item, headers)
    const entry = this.#get(key, peek) as Entry | undefined
    return { entry, key, varyMiss: entry === undefined }
  }

  #get(key: string, peek: boolean): Entry | VaryIndex | undefined {
    if (peek) return this.#items.peek(key)
    const item = this.#items.get(key)
    // What is used a first time may be used again: from now on its encoded forms are worth keeping.
    if (item instanceof Entry && !item.used) {
      item.used = true
      const { body } = item
      // After a 304 the body is the same one, and so are its forms.
      if (body.length >= VARIANT_BYTES && variantsOf(body) === undefined) {
        keepVariants(body, bytes => this.#reweigh(key, body, bytes))
      }
    }
    return item
  }

  /**
   * @param headers the request the entry answers
   * @param since `sequence` when its fetch began
   * @returns '' when stored, else why not
   */
  put(
    primary: string,
    names: readonly string[],
    headers: Headers,
    entry: Entry,
    since: number,
  ): '' | 'invalidated' | 'vary-star' | 'too-large' {
    if (this.outdated(primary, since)) return 'invalidated'
    const key = this.#place(primary, names, headers)
    if (key === undefined) return 'vary-star'
    const size = sizeOf(key, entry)
    if (size > this.#items.maxSize) return 'too-large'
    entry.key = key
    this.#items.set(key, entry, { size })
    return ''
  }

  /** RFC 9111 section 4.4: with all its variants, and with what is being fetched now. */
  invalidate(primary: string): boolean {
    this.#invalidated.delete(primary)
    this.#invalidated.set(primary, ++this.#sequence)
    if (this.#invalidated.size > MAX_INVALIDATED) {
      const [oldest, at] = this.#invalidated.entries().next().value!
      this.#invalidated.delete(oldest)
      this.#forgotten = at
    }
    return this.#items.delete(primary)
  }

  /**
   * What a fetch that began at `since` brings was invalidated meanwhile, as far as is known: of what is
   * forgotten the worst is assumed.
   */
  outdated(primary: string, since: number): boolean {
    return since < this.#forgotten || (this.#invalidated.get(primary) ?? 0) > since
  }

  /** Take out one entry, if it still stands there. */
  remove(key: string, entry: Entry): void {
    if (this.#items.peek(key) === entry) this.#items.delete(key)
  }

  /** How many invalidations there have been: remember it when a fetch begins. */
  get sequence(): number {
    return this.#sequence
  }

  /** Bodies on their way in take memory too. @returns false when together they would take more than the budget */
  reserve(bytes: number): boolean {
    if (this.#pendingBytes + bytes > this.#items.maxSize) return false
    this.#pendingBytes += bytes
    return true
  }

  release(bytes: number): void {
    this.#pendingBytes -= bytes
  }

  #place(primary: string, names: readonly string[], headers: Headers): string | undefined {
    const known = this.#items.peek(primary)
    const index = known instanceof VaryIndex ? known : undefined
    if (names.length === 0 && index === undefined) return primary
    if (index !== undefined && names.every(name => index.names.includes(name))) {
      return variantKey(primary, index, headers)
    }
    // An origin that varies by other fields now and then: telling apart by all of them is always right.
    const all = [...new Set([...(index?.names ?? []), ...names])].sort()
    if (all.length > MAX_VARY_NAMES) return undefined
    const wider = new VaryIndex(all, ++this.#generation)
    this.#items.set(primary, wider, { size: sizeOf(primary, wider) })
    return variantKey(primary, wider, headers)
  }

  #reweigh(key: string, body: Buffer, variantBytes: number): void {
    const item = this.#items.peek(key)
    if (!(item instanceof Entry) || item.body !== body) return
    item.variantBytes = variantBytes
    this.#items.delete(key)
    this.#items.set(key, item, { size: sizeOf(key, item) })
  }
}

function newItems(maxSize: number): LRUCache<string, Entry | VaryIndex> {
  return new LRUCache<string, Entry | VaryIndex>({ maxSize })
}

function sizeOf(key: string, item: Entry | VaryIndex): number {
  return key.length + (item instanceof Entry ? item.bytes : INDEX_BYTES)
}

function variantKey(primary: string, index: VaryIndex, headers: Headers): string {
  return `${primary}\n${index.generation}${variantSuffix(index.names, headers)}`
}
