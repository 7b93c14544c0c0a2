// Fields that an origin says to this cache alone: read, kept with what is stored, and not told to clients.
import { fact } from '../../lib/fact.ts'
import type { Headers } from '../../lib/headers.ts'
import { TAG_FIELDS } from './purge/tags.ts'

const WITHHELD: readonly string[] = ['oriel-cache-control', ...TAG_FIELDS]

export function isWithheld(name: string): boolean {
  return WITHHELD.includes(name)
}

const NONE: readonly string[] = []

/** @returns name, value, name, value … */
export function withheldOf({ flat }: Headers): readonly string[] {
  let found = NONE
  for (let i = 0; i < flat.length; i += 2)
    if (isWithheld(flat[i]!)) found = [...found, flat[i]!, flat[i + 1]!]
  return found
}

const none = fact<boolean>()

/** Takes them out of what goes to a client. */
export function withhold(headers: Headers): void {
  const { shared, own } = headers
  if (shared !== null && own.length === 0) {
    // An upstream that says the same again says none of these again.
    if (shared.fact(none) ?? shared.keepFact(none, withheldOf(headers) === NONE)) return
  }
  for (const name of WITHHELD) headers.delete(name)
}
