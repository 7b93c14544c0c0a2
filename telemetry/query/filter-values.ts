// What each field of the filter language accepts, and the meaning of its values.

import { grpcCodeOf } from '../grpc-status.ts'

/** Text fields; a value without `*` is exact, but a path is a prefix and a user agent a part. */
export const TEXT_FIELDS = [
  'route',
  'host',
  'method',
  'path',
  'upstream',
  'client',
  'cache',
  'error',
  'protocol',
  'ua',
  'reject',
] as const
export type TextField = (typeof TEXT_FIELDS)[number]

export type NumberField = 'status' | 'duration' | 'grpc'

export const IS_FLAGS = ['aborted', 'limited', 'retried', 'failed', 'cached'] as const
export type IsFlag = (typeof IS_FLAGS)[number]

/** Methods that tallies count under their own name (proxy/record/tally.ts); the others are `_OTHER` there. */
export const KNOWN_METHODS: ReadonlySet<string> = new Set(
  'GET HEAD POST PUT DELETE OPTIONS PATCH TRACE CONNECT'.split(' '),
)

/** How one value is compared: `glob` text has `*` for anything; `any` means not empty; `other` an unknown method. */
export interface Pattern {
  how: 'exact' | 'prefix' | 'part' | 'glob' | 'any' | 'other'
  text: string
}

/** From `low` to below `high`. */
export interface Range {
  low: number
  high: number
}

export type TermBody =
  | { kind: 'text'; text: string }
  | { kind: 'field'; field: TextField; patterns: Pattern[] }
  | { kind: 'trace'; traceIds: string[] }
  | { kind: 'number'; field: NumberField; ranges: Range[] }
  | { kind: 'is'; flags: IsFlag[] }

export const FILTER_FIELDS: readonly string[] = [...TEXT_FIELDS, 'status', 'duration', 'grpc', 'trace', 'is']

/** Values of one field, any of which may hold. */
export function parseValues(field: string, values: readonly string[]): TermBody | { problem: string } {
  if (values.some(value => value === '')) return { problem: 'a value is missing' }
  if (field === 'status') return numbers('status', values, parseStatus, '200, 5xx, 400-499 or >=400')
  if (field === 'duration') return numbers('duration', values, parseDurations, '>250ms, <1s or 100ms-2s')
  if (field === 'grpc') return numbers('grpc', values, parseGrpc, 'unavailable, 14, >0 or *')
  if (field === 'trace') return traces(values)
  if (field === 'is') return flags(values)
  const known = TEXT_FIELDS.find(name => name === field)
  if (known === undefined) return { problem: `there is no field "${field}"` }
  return { kind: 'field', field: known, patterns: values.map(value => toPattern(known, value)) }
}

function toPattern(field: TextField, value: string): Pattern {
  const text =
    field === 'method'
      ? value.toUpperCase()
      : field === 'host' || field === 'ua'
        ? value.toLowerCase()
        : value
  if (text === '*') return { how: 'any', text }
  if (field === 'method' && text === '_OTHER') return { how: 'other', text }
  if (text.includes('*')) return { how: 'glob', text }
  return { how: field === 'path' ? 'prefix' : field === 'ua' ? 'part' : 'exact', text }
}

function traces(values: readonly string[]): TermBody | { problem: string } {
  const traceIds = values.map(value => value.toLowerCase())
  if (traceIds.every(id => /^[0-9a-f]{32}$/.test(id))) return { kind: 'trace', traceIds }
  return { problem: 'a trace id has 32 hexadecimal digits' }
}

function flags(values: readonly string[]): TermBody | { problem: string } {
  const found = values.map(value => IS_FLAGS.find(flag => flag === value.toLowerCase()))
  const known = found.filter(flag => flag !== undefined)
  if (known.length === values.length) return { kind: 'is', flags: known }
  return { problem: `expected ${IS_FLAGS.map(flag => `is:${flag}`).join(', ')}` }
}

function numbers(
  field: NumberField,
  values: readonly string[],
  parse: (value: string) => Range | undefined,
  expected: string,
): TermBody | { problem: string } {
  const ranges: Range[] = []
  for (const value of values) {
    const range = parse(value)
    if (range === undefined) return { problem: `expected ${field}: ${expected}` }
    ranges.push(range)
  }
  return { kind: 'number', field, ranges }
}

function parseStatus(value: string): Range | undefined {
  const family = /^([1-5])xx$/i.exec(value)
  if (family) return { low: Number(family[1]) * 100, high: Number(family[1]) * 100 + 100 }
  return parseRange(value, text => (/^\d{1,3}$/.test(text) ? Number(text) : undefined), true)
}

/** Codes are their numbers or gRPC's names for them; `*` is any. */
function parseGrpc(value: string): Range | undefined {
  if (value === '*') return { low: 0, high: Number.MAX_SAFE_INTEGER }
  const code = (text: string): number => (/^\d{1,3}$/.test(text) ? Number(text) : grpcCodeOf(text))
  return parseRange(value, text => (code(text) < 0 ? undefined : code(text)), true)
}

function parseDurations(value: string): Range | undefined {
  return parseRange(value, toMicroseconds, false)
}

const UNIT_US: Record<string, number> = { us: 1, µs: 1, ms: 1000, s: 1e6, m: 60e6 }

function toMicroseconds(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(us|µs|ms|s|m)$/i.exec(text)
  return match ? Math.round(Number(match[1]) * UNIT_US[match[2]!.toLowerCase()]!) : undefined
}

/** `>x`, `>=x`, `<x`, `<=x`, `x-y` and, where it makes sense, `x`. Values are whole numbers. */
function parseRange(
  value: string,
  toNumber: (text: string) => number | undefined,
  allowSingle: boolean,
): Range | undefined {
  const match = /^(>=|<=|>|<)?([^<>=-]+)(?:-([^<>=-]+))?$/.exec(value)
  if (!match) return undefined
  const [, compare, firstText = '', secondText] = match
  const first = toNumber(firstText)
  if (first === undefined) return undefined
  if (secondText !== undefined) {
    const second = toNumber(secondText)
    return compare === undefined && second !== undefined ? { low: first, high: second + 1 } : undefined
  }
  if (compare === '>') return { low: first + 1, high: Number.MAX_SAFE_INTEGER }
  if (compare === '>=') return { low: first, high: Number.MAX_SAFE_INTEGER }
  if (compare === '<') return { low: 0, high: first }
  if (compare === '<=') return { low: 0, high: first + 1 }
  return allowSingle ? { low: first, high: first + 1 } : undefined
}
