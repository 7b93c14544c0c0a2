// Which keys the disk may hold, in a worker's memory: four bytes a slot, at most half of them used.

/** 32 bits of a key's number; 0 marks a free slot. */
const wordOf = (ident: number): number => ident >>> 0 || 1

const MIN_SLOTS = 1024

/**
 * Open addressing with linear probing. Between 8 and 16 bytes a key; two keys may share a word: then one of them
 * is looked up for nothing, or missed once the other has gone. The multiplier is drawn by chance, so that
 * nobody can choose URLs that fall together.
 */
export class KeySet {
  #slots = new Uint32Array(MIN_SLOTS)
  #shift = 32 - Math.log2(MIN_SLOTS)
  #size = 0
  readonly #factor = ((Math.random() * 2 ** 31) | 0) * 2 + 1

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#slots.byteLength
  }

  has(ident: number): boolean {
    const word = wordOf(ident)
    const slots = this.#slots
    for (let at = this.#home(word); ; at = (at + 1) & (slots.length - 1)) {
      if (slots[at] === word) return true
      if (slots[at] === 0) return false
    }
  }

  add(ident: number): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow(this.#slots.length * 2)
    this.#put(wordOf(ident))
  }

  /** Room for so many, in one step. */
  expect(keys: number): void {
    let slots = this.#slots.length
    while (keys * 2 >= slots) slots *= 2
    if (slots > this.#slots.length) this.#grow(slots)
  }

  /** Closes the gap, so that no mark has to stay behind. */
  delete(ident: number): void {
    const slots = this.#slots
    const mask = slots.length - 1
    const word = wordOf(ident)
    let gap = this.#home(word)
    while (slots[gap] !== word) {
      if (slots[gap] === 0) return
      gap = (gap + 1) & mask
    }
    this.#size--
    for (let at = (gap + 1) & mask; slots[at] !== 0; at = (at + 1) & mask) {
      // Who stands between its home and here may not move past its home.
      if (((at - this.#home(slots[at]!)) & mask) < ((at - gap) & mask)) continue
      slots[gap] = slots[at]!
      gap = at
    }
    slots[gap] = 0
  }

  clear(): void {
    this.#slots = new Uint32Array(MIN_SLOTS)
    this.#shift = 32 - Math.log2(MIN_SLOTS)
    this.#size = 0
  }

  #home(word: number): number {
    return Math.imul(word, this.#factor) >>> this.#shift
  }

  #put(word: number): void {
    const slots = this.#slots
    let at = this.#home(word)
    while (slots[at] !== 0) {
      if (slots[at] === word) return
      at = (at + 1) & (slots.length - 1)
    }
    slots[at] = word
    this.#size++
  }

  #grow(count: number): void {
    const before = this.#slots
    this.#slots = new Uint32Array(count)
    this.#shift = 32 - Math.log2(count)
    this.#size = 0
    for (const word of before) if (word !== 0) this.#put(word)
  }
}
