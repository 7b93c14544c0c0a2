// Durations, sizes and rates as people write them: `250ms`, `10mb`, `100/m`.
import type { Zod } from './zod.ts'

const DURATION_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SIZE_BYTES: Record<string, number> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }
const RATE_SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

export interface Rate {
  /** Requests per `perMs`. */
  count: number
  perMs: number
}

/** @returns milliseconds, or undefined when the text is not a duration */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  return match ? Number(match[1]) * DURATION_MS[match[2]!]! : undefined
}

/** @returns bytes, or undefined when the text is not a size */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(b|kb|mb|gb)$/i.exec(text)
  return match ? Math.floor(Number(match[1]) * SIZE_BYTES[match[2]!.toLowerCase()]!) : undefined
}

/** @returns the rate, or undefined when the text is not one */
export function parseRate(text: string): Rate | undefined {
  const match = /^(\d+)\/(s|m|h|d)$/.exec(text)
  if (!match || Number(match[1]) < 1) return undefined
  return { count: Number(match[1]), perMs: RATE_SECONDS[match[2]!]! * 1000 }
}

function unit<T>(z: Zod, parse: (text: string) => T | undefined, expected: string, pattern: string) {
  return z
    .string({ error: `expected ${expected}` })
    .regex(new RegExp(pattern, 'i'), `expected ${expected}`)
    .transform((text, context): T => {
      const value = parse(text)
      if (value !== undefined) return value
      context.addIssue({ code: 'custom', message: `expected ${expected}` })
      return z.NEVER
    })
}

/** Config type: a duration; becomes milliseconds. */
export const duration = (z: Zod) =>
  unit(z, parseDuration, 'a duration such as 250ms, 3s or 5m', '^\\d+(\\.\\d+)?(ms|s|m|h|d)$')

/** Config type: a size; becomes bytes. */
export const size = (z: Zod) =>
  unit(z, parseSize, 'a size such as 64kb or 10mb', '^\\d+(\\.\\d+)?(b|kb|mb|gb)$')

/** Config type: a rate; becomes a Rate. */
export const rate = (z: Zod) => unit(z, parseRate, 'a rate such as 10/s or 100/m', '^[1-9]\\d*/(s|m|h|d)$')
