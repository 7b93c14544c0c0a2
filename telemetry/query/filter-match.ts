// The filter as a predicate over rows in memory: the live view answers what the stored list would.
import type { ExchangeRow } from '../../control/admin/contract.ts'
import { isCached, outcomeOf } from '../outcome.ts'
import type { Term } from './filter.ts'
import {
  type IsFlag,
  KNOWN_METHODS,
  type NumberField,
  type Pattern,
  type TextField,
} from './filter-values.ts'

type Predicate = (row: ExchangeRow) => boolean

export function matcher(terms: readonly Term[]): Predicate {
  const predicates = terms.map(toPredicate)
  return row => predicates.every(holds => holds(row))
}

function toPredicate(term: Term): Predicate {
  const holds = positive(term)
  return term.negated ? row => !holds(row) : holds
}

function positive(term: Term): Predicate {
  switch (term.kind) {
    case 'text':
      return row =>
        [row.path, row.host, row.userAgent, row.error].some(text => text.toLowerCase().includes(term.text))
    case 'trace':
      return row => term.traceIds.includes(row.traceId)
    case 'number':
      return row => {
        const value = NUMBERS[term.field](row)
        return term.ranges.some(range => value >= range.low && value < range.high)
      }
    case 'is':
      return row => term.flags.some(flag => FLAGS[flag](row))
    case 'field': {
      const tests = term.patterns.map(toTest)
      const value = VALUES[term.field]
      return row => tests.some(test => test(value(row)))
    }
  }
}

const VALUES: Record<TextField, (row: ExchangeRow) => string> = {
  route: row => row.route,
  host: row => row.host,
  method: row => row.method,
  path: row => row.path,
  upstream: row => row.upstream,
  client: row => row.client,
  cache: row => row.cache,
  error: row => row.error,
  protocol: row => row.protocol,
  ua: row => row.userAgent.toLowerCase(),
  reject: row => row.reject,
}

const NUMBERS: Record<NumberField, (row: ExchangeRow) => number> = {
  status: row => row.status,
  duration: row => row.durationUs,
  grpc: row => row.grpcStatus?.code ?? -1,
}

const FLAGS: Record<IsFlag, Predicate> = {
  aborted: row => outcomeOf(row.status, row.error) === 'aborted',
  limited: row => row.error === 'rate_limited',
  retried: row => row.attempts > 1,
  failed: row => outcomeOf(row.status, row.error) === 'server',
  cached: row => isCached(row.cache),
}

function toTest(pattern: Pattern): (value: string) => boolean {
  const { how, text } = pattern
  if (how === 'any') return value => value !== ''
  if (how === 'other') return value => !KNOWN_METHODS.has(value)
  if (how === 'exact') return value => value === text
  if (how === 'prefix') return value => value.startsWith(text)
  if (how === 'part') return value => value.includes(text)
  return value => matchesGlob(text.split('*'), value)
}

/** Linear in the value for each piece: no regular expression, so no filter can make it slow. */
function matchesGlob(pieces: string[], value: string): boolean {
  const first = pieces[0]!
  const last = pieces.at(-1)!
  if (!value.startsWith(first) || value.length < first.length + last.length) return false
  let at = first.length
  const end = value.length - last.length
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, at)
    if (found < 0 || found + piece.length > end) return false
    at = found + piece.length
  }
  return value.endsWith(last)
}
