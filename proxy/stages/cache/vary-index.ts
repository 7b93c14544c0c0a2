// Where the variants of a resource stand in memory (RFC 9111 section 4.1).
import type { Headers } from '../../lib/headers.ts'
import { variantSuffix } from './vary.ts'

/** Stands under the primary key of a resource that has variants and says how to find them. */
export class VaryIndex {
  readonly names: readonly string[]
  /** About what it takes. */
  readonly bytes = 300
  /** Part of every variant's key: with the index gone, its variants are out of reach. */
  readonly generation: number

  constructor(names: readonly string[], generation: number) {
    this.names = names
    this.generation = generation
  }
}

/** Where an entry goes: its key here, and what makes it up. */
export interface Place {
  key: string
  suffix: string
  names: readonly string[]
}

export function variantPlace(primary: string, { names, generation }: VaryIndex, headers: Headers): Place {
  const suffix = variantSuffix(names, headers)
  return { key: `${primary}\n${generation}${suffix}`, suffix, names }
}
