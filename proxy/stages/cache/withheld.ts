// Fields that an origin says to this cache alone: read, kept with what is stored, and not told to clients.
import type { Headers } from '../../lib/headers.ts'

const WITHHELD = ['oriel-cache-control']

export function isWithheld(name: string): boolean {
  return WITHHELD.includes(name)
}

export function withhold(headers: Headers): void {
  for (const name of WITHHELD) headers.delete(name)
}
