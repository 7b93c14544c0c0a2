// The parameters that questions share: the scope (from, to, q), and the parts of others.
import { z } from 'zod'
import type { Scope } from './contract.ts'
import { Problem } from './problem.ts'

const MAX_RANGE_DAYS = 400
const DAY_MS = 86_400_000
const UNIT_MS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS }

const TIME = /^(?:\d{1,15}|now(?:-\d{1,7}[smhdw])?)$/

/** Unix milliseconds, `now`, or so long before it: `now-90s`, `now-15m`, `now-2h`, `now-7d`. */
const time = () =>
  z
    .string()
    .regex(TIME, 'expected Unix milliseconds, now, or a time before now such as now-15m')
    .transform(toMs)

function toMs(text: string): number {
  if (!text.startsWith('now')) return Number(text)
  const amount = Number.parseInt(text.slice(4), 10)
  return Date.now() - (Number.isNaN(amount) ? 0 : amount * UNIT_MS[text.at(-1)!]!)
}

export const filter = () =>
  z
    .string()
    .max(1000, 'a filter may have 1000 characters here')
    .default('')
    .describe('The filter language: route:shop status:5xx duration:>250ms -cache:hit text')

export const scopeParams = () => ({
  from: time().prefault('now-15m').describe('Begin: Unix milliseconds or now-15m'),
  to: time().prefault('now').describe('End, excluded: Unix milliseconds or now'),
  q: filter(),
})

/** @throws Problem 400 when the range is empty, 422 when it is too long to ask at once */
export function scopeOf({ from, to, q }: Scope): Scope {
  if (from >= to) throw new Problem(400, 'from: must be before to')
  if (to - from > MAX_RANGE_DAYS * DAY_MS)
    throw new Problem(422, `from: the range may be ${MAX_RANGE_DAYS} days; narrow it`)
  return { from, to, q }
}

export const limit = () =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number from 1 to 500')
    .transform(Number)
    .pipe(z.int().min(1, 'expected a number from 1 to 500').max(500, 'expected a number from 1 to 500'))
    .prefault('100')
    .describe('Rows of a page, 1 to 500')

export const exchangeId = () =>
  z
    .string()
    .regex(/^\d{1,15}-[0-9a-f]{16}$/, 'expected the id of an exchange')
    .describe('The id of an exchange')

export const traceId = () =>
  z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'expected 32 hexadecimal digits, lower case')
    .describe('A W3C trace id')

export const explainBody = () =>
  z.strictObject({
    method: z.string().regex(/^[\w!#$%&'*+.^`|~-]{1,32}$/, 'expected a method such as GET'),
    url: z.string().min(1, 'expected a URL').max(16_384, 'a URL may have 16384 characters'),
    headers: z
      .array(z.tuple([z.string().min(1).max(256), z.string().max(16_384)]))
      .max(200)
      .exactOptional(),
    from: z
      .union([z.ipv4(), z.ipv6()], { error: 'expected an IP address' })
      .exactOptional()
      .describe("The client's address"),
  })
