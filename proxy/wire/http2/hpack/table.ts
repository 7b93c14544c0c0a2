// Fields that were sent before on a connection, newest first from the outside (RFC 7541 sections 2.3.2 and 4).

/** What an entry takes besides its name and its value, bytes (section 4.1). */
const OVERHEAD = 32
/** Places of dropped entries are given up when there are so many. */
const COMPACT = 64

export class DynamicTable {
  /** Bytes that the entries may take. */
  #max: number
  #bytes = 0
  #first = 0
  /** Oldest first: name, value, name, value … */
  #fields: string[] = []
  /** How often the table has changed: what was concluded from an index holds as long as this does. */
  changes = 0
  /** Entries ever added. */
  added = 0

  constructor(max: number) {
    this.#max = max
  }

  /** Entries it holds. */
  get length(): number {
    return (this.#fields.length - this.#first) >> 1
  }

  /** @param index 1 is the newest; at most `length` */
  name(index: number): string {
    return this.#fields[this.#fields.length - index * 2]!
  }

  value(index: number): string {
    return this.#fields[this.#fields.length - index * 2 + 1]!
  }

  /** A field that is larger than the table empties it (section 4.4). */
  add(name: string, value: string): void {
    this.changes++
    this.added++
    const bytes = name.length + value.length + OVERHEAD
    this.#evict(this.#max - bytes)
    if (bytes > this.#max) return
    this.#bytes += bytes
    this.#fields.push(name, value)
  }

  resize(max: number): void {
    this.changes++
    this.#max = max
    this.#evict(max)
  }

  #evict(most: number): void {
    const fields = this.#fields
    while (this.#bytes > most && this.#first < fields.length) {
      this.#bytes -= fields[this.#first]!.length + fields[this.#first + 1]!.length + OVERHEAD
      this.#first += 2
    }
    if (this.#first < COMPACT && this.#first < fields.length) return
    fields.splice(0, this.#first)
    this.#first = 0
  }
}
