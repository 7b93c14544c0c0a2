// Header fields as one flat array of lower-case names and values: no object per field, order kept.

/**
 * Fields of one message. Names are lower-case from the wire on (HTTP/2 demands it, HTTP/1 does not
 * care), values are latin1 text exactly as received.
 */
export class Headers {
  /** name, value, name, value … */
  readonly flat: string[]

  constructor(flat: string[] = []) {
    this.flat = flat
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

  /** The first value, or undefined. */
  get(name: string): string | undefined {
    const { flat } = this
    for (let i = 0; i < flat.length; i += 2) if (flat[i] === name) return flat[i + 1]
    return undefined
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** All values of a list field as one, joined by `, ` (RFC 9110 section 5.2); undefined when absent. */
  list(name: string): string | undefined {
    const { flat } = this
    let joined: string | undefined
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] === name) joined = joined === undefined ? flat[i + 1] : `${joined}, ${flat[i + 1]}`
    }
    return joined
  }

  all(name: string): string[] {
    const values: string[] = []
    for (let i = 0; i < this.flat.length; i += 2) if (this.flat[i] === name) values.push(this.flat[i + 1]!)
    return values
  }

  append(name: string, value: string): void {
    this.flat.push(name, value)
  }

  /** Replaces every field of that name by one, in the place of the first. */
  set(name: string, value: string): void {
    const { flat } = this
    for (let i = 0; i < flat.length; i += 2) {
      if (flat[i] !== name) continue
      flat[i + 1] = value
      this.#removeFrom(name, i + 2)
      return
    }
    flat.push(name, value)
  }

  delete(name: string): void {
    this.#removeFrom(name, 0)
  }

  clone(): Headers {
    return new Headers(this.flat.slice())
  }

  #removeFrom(name: string, start: number): void {
    const { flat } = this
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
}
