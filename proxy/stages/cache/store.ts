// The memory tier: entries by key within a budget of bytes that counts bodies, heads and keys.
import { LRUCache } from 'lru-cache'
import type { Headers } from '../../lib/headers.ts'
import { adaptHeapGrowth } from '../../lib/heap-growth.ts'
import { keepVariants, VARIANT_BYTES, variantsOf } from '../../lib/variants.ts'
import type { DiskTier } from './disk/tier.ts'
import type { EncodedLooks } from './encoded-looks.ts'
import { Entry, numberOf } from './entry.ts'
import { fromDisk, isWorthKeeping, toDisk } from './on-disk.ts'
import { isMeant, type Purge } from './purge/purge.ts'
import { RecentPurges } from './purge/recent-purges.ts'
import { MAX_VARY_NAMES, variantSuffix } from './vary.ts'
import { type Place, VaryIndex, variantPlace } from './vary-index.ts'

/** Where a lookup ended. `key` is where an answer to this request would stand. */
export interface Found {
  entry: Entry | undefined
  key: string
  /** Variants are known, this one is not. */
  varyMiss: boolean
}

/** Entries whose answers are counted at a time. */
const MAX_USED = 1000
/** Keys whose invalidation is remembered, so that a fetch begun before it does not bring the old answer back. */
const MAX_INVALIDATED = 1000

export class CacheStore {
  readonly #budgets = new Map<string, number>()
  #items: LRUCache<string, Entry | VaryIndex>
  #generation = 0
  readonly #invalidated = new Map<string, number>()
  readonly #purges = new RecentPurges()
  #sequence = 0
  /** The latest invalidation of which it is no longer known what it was of. */
  #forgotten = 0
  #pendingBytes = 0
  #used: Entry[] = []
  /** Shared with the other workers; null: there is none. */
  tier: DiskTier | null = null
  /** Looks into what came encoded; null: nobody does. */
  encoded: EncodedLooks | null = null
  stored = 0
  evictions = 0
  /** Stale answers that were asked about behind their clients' backs. */
  refreshes = 0

  constructor(budgetBytes = 0) {
    this.#items = this.#newItems(Math.max(1, budgetBytes))
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
    const items = this.#newItems(largest)
    for (const [key, item] of [...this.#items.entries()].reverse())
      items.set(key, item, { size: sizeOf(key, item) })
    this.#items = items
  }

  /** @param peek leave the order of use as it is */
  find(primary: string, headers: Headers, peek: boolean): Found {
    const item = this.#get(primary, peek)
    if (!(item instanceof VaryIndex)) return { entry: item, key: primary, varyMiss: false }
    const key = variantPlace(primary, item, headers).key
    const entry = this.#get(key, peek) as Entry | undefined
    return { entry, key, varyMiss: entry === undefined }
  }

  #get(key: string, peek: boolean): Entry | VaryIndex | undefined {
    if (peek) return this.#items.peek(key)
    const item = this.#items.get(key)
    if (!(item instanceof Entry)) return item
    this.#count(item)
    if (!item.used) this.#use(key, item)
    return item
  }

  /** What is used a first time may be used again: from now on its encoded forms are worth keeping. */
  #use(key: string, item: Entry): void {
    item.used = true
    this.#weighAgain(key, item)
    const { body } = item
    // After a 304 the body is the same one, and so are its forms.
    if (body.length >= VARIANT_BYTES && variantsOf(body) === undefined)
      keepVariants(body, bytes => this.#reweigh(key, body, bytes))
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
    if (this.outdated(primary, since, entry.tags)) return 'invalidated'
    const place = this.#place(primary, names, headers)
    if (place === undefined) return 'vary-star'
    const { key, suffix } = place
    const size = sizeOf(key, entry)
    if (size > this.#items.maxSize) return 'too-large'
    entry.standAt(key, primary, suffix)
    const before = this.#items.peek(key)
    this.#items.set(key, entry, { size })
    this.stored++
    adaptHeapGrowth(this.bytes)
    if (this.tier !== null && entry.toDisk) this.#keep(this.tier, place.names, entry, before)
    return ''
  }

  /** Whether it is worth while to wait for `promote`. */
  mayBeOnDisk(primary: string): boolean {
    return this.tier?.mayHave(primary) === true
  }

  /** Brings what the disk has for this request into memory, where `find` finds it. @returns whether there was something */
  async promote(primary: string, headers: Headers): Promise<boolean> {
    const since = this.#sequence
    const found = await this.tier?.find(primary, names => variantSuffix(names, headers))
    if (found === undefined) return false
    // Another request may have brought it meanwhile, or something newer.
    if (this.find(primary, headers, true).entry !== undefined) return true
    const entry = fromDisk(found)
    return entry !== undefined && this.put(primary, found.stored.names, headers, entry, since) === ''
  }

  /** What the disk has for this request, left where it is. */
  async peekOnDisk(primary: string, headers: Headers): Promise<Entry | undefined> {
    const found = await this.tier?.find(primary, names => variantSuffix(names, headers), true)
    return found === undefined ? undefined : fromDisk(found)
  }

  /** RFC 9111 section 4.4: with all its variants, and with what is being fetched now; in every worker. */
  invalidate(primary: string): boolean {
    this.tier?.invalidate(primary)
    return this.invalidateHere(primary)
  }

  invalidateHere(primary: string): boolean {
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
   * forgotten the worst is assumed. @param tags null: not known
   */
  outdated(primary: string, since: number, tags: readonly string[] | null = null): boolean {
    if (since < this.#forgotten || (this.#invalidated.get(primary) ?? 0) > since) return true
    return this.#purges.refuses(since, { primary, tags })
  }

  /** Take out one entry, if it still stands there. */
  remove(key: string, entry: Entry): void {
    if (this.#items.peek(key) !== entry) return
    this.#items.delete(key)
    this.tier?.remove(entry.primary, entry.suffix)
  }

  /**
   * Takes out what is meant, or makes it stale; also what is being fetched now is not stored any more.
   * @returns the numbers of the entries that were meant; of a purge of everything only how many
   */
  purge(purge: Purge, nowMs: number): { count: number; idents: number[] } {
    this.#purges.add(++this.#sequence, purge)
    if (purge.all && !purge.soft) {
      const count = this.entries
      // Nothing is walked through: what was there is left to the garbage collector.
      if (!purge.dryRun) this.#items = this.#newItems(this.#items.maxSize)
      return { count, idents: [] }
    }
    const idents: number[] = []
    for (const [key, item] of [...this.#items.entries()]) {
      if (!(item instanceof Entry) || !isMeant(purge, item)) continue
      idents.push(numberOf(item))
      if (purge.dryRun) continue
      if (purge.soft) item.expire(nowMs)
      else this.#items.delete(key)
    }
    return { count: idents.length, idents }
  }

  /** What is here and what its variants are told apart by, the most recently used first. */
  *list(): Iterable<{ entry: Entry; names: readonly string[] }> {
    for (const item of this.#items.values()) {
      if (!(item instanceof Entry)) continue
      const index = item.suffix === '' ? undefined : this.#items.peek(item.primary)
      yield { entry: item, names: index instanceof VaryIndex ? index.names : [] }
    }
  }

  /** What has answered since this was asked last, for the disk tier's order of use. */
  takeUsed(): [ident: number, hits: number][] {
    const used = this.#used.map((entry): [number, number] => [numberOf(entry), entry.hits])
    for (const entry of this.#used) entry.hits = 0
    this.#used = []
    return used
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

  #place(primary: string, names: readonly string[], headers: Headers): Place | undefined {
    const known = this.#items.peek(primary)
    const index = known instanceof VaryIndex ? known : undefined
    if (names.length === 0 && index === undefined) return { key: primary, suffix: '', names }
    if (index !== undefined && names.every(name => index.names.includes(name))) {
      return variantPlace(primary, index, headers)
    }
    // An origin that varies by other fields now and then: telling apart by all of them is always right.
    const all = [...new Set([...(index?.names ?? []), ...names])].sort()
    if (all.length > MAX_VARY_NAMES) return undefined
    const wider = new VaryIndex(all, ++this.#generation)
    this.#items.set(primary, wider, { size: sizeOf(primary, wider) })
    return variantPlace(primary, wider, headers)
  }

  #keep(tier: DiskTier, names: readonly string[], entry: Entry, before: Entry | VaryIndex | undefined): void {
    if (!isWorthKeeping(entry)) return
    const stored = toDisk(entry, names)
    // After a 304 the body is the same one, and lies there already.
    if (before instanceof Entry && before.body === entry.body) {
      // What is asked about each time is confirmed each time: the disk need not hear of it.
      if (!entry.noCache || !before.noCache) tier.freshen(stored)
    } else tier.keep(stored, entry.body)
  }

  #count(entry: Entry): void {
    if (entry.hits > 0) entry.hits++
    else if (this.#used.length < MAX_USED && this.tier !== null) {
      entry.hits = 1
      this.#used.push(entry)
    }
  }

  #newItems(maxSize: number): LRUCache<string, Entry | VaryIndex> {
    return new LRUCache<string, Entry | VaryIndex>({
      maxSize,
      dispose: (_item, _key, reason) => {
        if (reason === 'evict') this.evictions++
      },
    })
  }

  #reweigh(key: string, body: Buffer, variantBytes: number): void {
    const item = this.#items.peek(key)
    if (!(item instanceof Entry) || item.body !== body) return
    item.variantBytes = variantBytes
    this.#weighAgain(key, item)
  }

  #weighAgain(key: string, item: Entry): void {
    this.#items.delete(key)
    this.#items.set(key, item, { size: sizeOf(key, item) })
  }
}

function sizeOf(key: string, item: Entry | VaryIndex): number {
  return key.length + item.bytes
}
