// The filter as an SQL condition. The exchange table and the rollup cells share names and a dictionary.

import { CLIENT_ERRORS } from '../outcome.ts'
import type { Value } from '../store/driver.ts'
import type { Term } from './filter.ts'
import {
  type IsFlag,
  KNOWN_METHODS,
  type NumberField,
  type Pattern,
  type TextField,
} from './filter-values.ts'

export interface Condition {
  /** Never empty; `1` when nothing is asked. */
  sql: string
  params: Value[]
}

const COLUMNS: Record<TextField, string> = {
  route: 'route',
  host: 'host',
  method: 'method',
  path: 'path',
  upstream: 'upstream',
  client: 'client',
  cache: 'cache',
  error: 'error',
  protocol: 'protocol',
  ua: 'user_agent',
  reject: 'reject',
}

const NUMBERS: Record<NumberField, string> = { status: 'status', duration: 'duration_us', grpc: 'grpc' }

const ROLLUP_FIELDS: ReadonlySet<string> = new Set([
  'route',
  'upstream',
  'method',
  'cache',
  'error',
  'status',
])
/** What an upstream attempt shares with its exchange. */
const ATTEMPT_FIELDS: ReadonlySet<string> = new Set(['route', 'upstream', 'method'])

/** Can the rollups answer it? They know route, upstream, method, status, cache and error. */
export function isRollupFilter(terms: readonly Term[]): boolean {
  return terms.every(term => {
    if (term.kind === 'is') return !term.flags.includes('retried')
    if (term.kind === 'field' && term.field === 'method') return term.patterns.every(isTalliedMethod)
    return 'field' in term && ROLLUP_FIELDS.has(term.field)
  })
}

/** Rows have a method as it was sent, tallies only the known ones. */
const isTalliedMethod = ({ how, text }: Pattern): boolean =>
  how === 'any' || how === 'other' || (how === 'exact' && KNOWN_METHODS.has(text))

/** The terms that also mean something for attempts at upstreams. */
export function attemptTerms(terms: readonly Term[]): Term[] {
  return terms.filter(term => term.kind === 'field' && ATTEMPT_FIELDS.has(term.field))
}

export function toCondition(terms: readonly Term[]): Condition {
  const params: Value[] = []
  const parts = terms.map(term => `${term.negated ? 'NOT ' : ''}(${toSql(term, params)})`)
  return { sql: parts.length === 0 ? '1' : parts.join(' AND '), params }
}

function toSql(term: Term, params: Value[]): string {
  switch (term.kind) {
    case 'text':
      params.push(term.text, term.text)
      return `instr(lower(path), ?) > 0 OR EXISTS (SELECT 1 FROM dict WHERE id IN (host, user_agent, error) AND instr(lower(text), ?) > 0)`
    case 'trace':
      params.push(...term.traceIds.map(id => Buffer.from(id, 'hex')))
      return `trace IN (${term.traceIds.map(() => '?').join(', ')})`
    case 'number': {
      const column = NUMBERS[term.field]
      return term.ranges
        .map(range => {
          params.push(range.low, range.high)
          return `(${column} >= ? AND ${column} < ?)`
        })
        .join(' OR ')
    }
    case 'is':
      return term.flags.map(flag => FLAGS[flag]).join(' OR ')
    case 'field':
      return term.patterns.map(pattern => fieldSql(term.field, pattern, params)).join(' OR ')
  }
}

/** Ids of dictionary texts; SQLite evaluates it once per statement. */
const ids = (texts: Iterable<string>): string =>
  `(SELECT id FROM dict WHERE text IN (${[...texts].map(text => `'${text}'`).join(', ')}))`

const LIMITED = `error IN ${ids(['rate_limited'])}`
const ABORTED = `(NOT (${LIMITED}) AND (status = 499 OR error IN ${ids(['client_aborted'])}))`
/** Mirrors outcomeOf: dictionary id 0 is the empty text. */
const FLAGS: Record<IsFlag, string> = {
  aborted: ABORTED,
  limited: LIMITED,
  retried: 'attempts > 1',
  failed: `(NOT (${LIMITED}) AND NOT ${ABORTED} AND (status >= 500 OR (error != 0 AND error NOT IN ${ids(CLIENT_ERRORS)})))`,
  cached: `cache IN ${ids(['hit', 'stale', 'revalidated', 'collapsed'])}`,
}

function fieldSql(field: TextField, pattern: Pattern, params: Value[]): string {
  const column = COLUMNS[field]
  if (field === 'path') return textSql('path', pattern, params)
  if (pattern.how === 'any') return `${column} != 0`
  if (pattern.how === 'other') return `${column} NOT IN ${ids(KNOWN_METHODS)}`
  const text = field === 'ua' ? 'lower(text)' : 'text'
  return `${column} IN (SELECT id FROM dict WHERE ${textSql(text, pattern, params)})`
}

function textSql(expression: string, pattern: Pattern, params: Value[]): string {
  const { how, text } = pattern
  if (how === 'any') return `${expression} != ''`
  if (how === 'exact') {
    params.push(text)
    return `${expression} = ?`
  }
  if (how === 'part') {
    params.push(text)
    return `instr(${expression}, ?) > 0`
  }
  params.push(how === 'prefix' ? `${escapeGlob(text)}*` : escapeGlob(text))
  return `${expression} GLOB ?`
}

/** `*` is ours too; the other signs of GLOB stand for themselves. */
const escapeGlob = (text: string): string => text.replace(/[?[]/g, sign => `[${sign}]`)
