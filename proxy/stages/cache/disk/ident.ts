// Numbers that stand for keys on disk and in the filter: the first 48 bits of a SHA-256.
import { hash } from 'node:crypto'
import { memo } from '../../../lib/memo.ts'

/** Two keys may share one: who reads compares the keys themselves. */
export function identOf(primary: string, suffix = ''): number {
  return suffix === '' ? identOfPrimary(primary) : number(`${primary}\0${suffix}`)
}

const number = (text: string): number => hash('sha256', text, 'buffer').readUIntBE(0, 6)

/** Whoever looks for what is not stored asks the filter each time. */
const identOfPrimary = memo(number)
