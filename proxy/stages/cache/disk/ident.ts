// Numbers that stand for keys on disk and in the filter: the first 48 bits of a SHA-256.
import { hash } from 'node:crypto'

/** Two keys may share one: who reads compares the keys themselves. */
export function identOf(primary: string, suffix = ''): number {
  return hash('sha256', suffix === '' ? primary : `${primary}\0${suffix}`, 'buffer').readUIntBE(0, 6)
}
