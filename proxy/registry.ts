// What survives a reload: upstream state, transports, caches and buckets, kept by name.

interface Closable {
  close(): void
}

export class Registry {
  readonly #kept = new Map<string, unknown>()
  #used = new Set<string>()

  /** The thing of that name, made on first use. */
  keep<T>(name: string, make: () => T): T {
    this.#used.add(name)
    let thing = this.#kept.get(name) as T | undefined
    if (thing === undefined) this.#kept.set(name, (thing = make()))
    return thing
  }

  get<T>(name: string): T | undefined {
    return this.#kept.get(name) as T | undefined
  }

  /** A build begins: from here on it is noted what is used. */
  begin(): void {
    this.#used = new Set()
  }

  /** The build is in force: what it did not use ends, once running exchanges have let go. */
  sweep(): void {
    for (const [name, thing] of this.#kept) {
      if (this.#used.has(name)) continue
      this.#kept.delete(name)
      if (isClosable(thing)) thing.close()
    }
  }
}

function isClosable(thing: unknown): thing is Closable {
  return typeof thing === 'object' && thing !== null && 'close' in thing && typeof thing.close === 'function'
}
