// What every question gets: the files, the time, and the filter of its scope.
import type { Scope } from '../../control/admin/contract.ts'
import { Deadline } from './deadline.ts'
import { parseFilter } from './filter.ts'
import { QueryError } from './query-error.ts'
import type { Reader } from './reader.ts'
import type { Ask } from './source.ts'

export interface Context {
  reader: Reader
  deadline: Deadline
  nowMs: number
}

const MAX_RANGE_MS = 400 * 86_400_000

export const newContext = (reader: Reader, budgetMs: number, nowMs = Date.now()): Context => ({
  reader,
  deadline: new Deadline(budgetMs),
  nowMs,
})

/** @throws QueryError 422 for a wrong filter or range */
export function askOf(context: Context, scope: Scope): Ask {
  const { from, to } = scope
  if (!(from < to)) throw new QueryError(422, 'the time range is empty: `from` must lie before `to`')
  if (to - from > MAX_RANGE_MS) throw new QueryError(422, 'the time range may span 400 days')
  return { ...context, range: { from, to }, terms: parseFilter(scope.q) }
}
