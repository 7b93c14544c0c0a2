// Encoded forms of a stored body: made once by who encodes, paid for by who stores.

/** Encoded forms are worth keeping from here on. */
export const VARIANT_BYTES = 512

/** The encoded forms of one body. */
export class Variants {
  readonly #forms = new Map<string, Buffer>()
  readonly #grown: (bytes: number) => void

  /** @param grown told what the forms weigh in all, whenever one is added */
  constructor(grown: (bytes: number) => void) {
    this.#grown = grown
  }

  get(coding: string): Buffer | undefined {
    return this.#forms.get(coding)
  }

  add(coding: string, form: Buffer): void {
    this.#forms.set(coding, form)
    let bytes = 0
    for (const { length } of this.#forms.values()) bytes += length
    this.#grown(bytes)
  }
}

/** Goes when the body goes. */
const known = new WeakMap<Buffer, Variants>()

/** Announces that `body` will be served again and that its encoded forms may be kept with it. */
export function keepVariants(body: Buffer, grown: (bytes: number) => void): void {
  known.set(body, new Variants(grown))
}

/** @returns undefined for a body that nobody stores */
export function variantsOf(body: Buffer): Variants | undefined {
  return known.get(body)
}
