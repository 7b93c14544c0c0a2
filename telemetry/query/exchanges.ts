// GET /api/v1/exchanges: the request list, newest first, paged by key.
import type { ExchangePage } from '../../control/admin/contract.ts'
import { outcomeOf } from '../outcome.ts'
import { parseExchangeId } from '../row.ts'
import { IDS_PER_MS } from '../store/day-file.ts'
import { bucketIndexOf, bucketsOf, widestTier } from './buckets.ts'
import { askOf, type Context } from './context.ts'
import { ROW_COLUMNS, type StoredRow, toStoredRow } from './exchange-row.ts'
import { isRollupFilter, toCondition } from './filter-sql.ts'
import { indexHint } from './index-hint.ts'
import { locate } from './locate.ts'
import { QueryError } from './query-error.ts'
import type { Params } from './questions.ts'
import type { Reader } from './reader.ts'
import { type Ask, eachCount } from './source.ts'
import { windows } from './windows.ts'

const MAX_ROWS = 500
const HISTOGRAM_BUCKETS = 60

export function exchanges(params: Params<'exchanges'>, context: Context): ExchangePage {
  const ask = askOf(context, params.scope)
  const limit = Math.min(MAX_ROWS, Math.max(1, params.limit))
  const { rows, more } = newestRows(ask, limit, beforeRow(context.reader, params.before))
  const last = rows.at(-1)
  const histogram = histogramOf(ask)
  const { ok, client, server } = histogram
  const sum = (counts: number[]): number => counts.reduce((a, b) => a + b, 0)
  return {
    rows: rows.map(stored => stored.row),
    next: more && last !== undefined ? last.row.id : null,
    total: isRollupFilter(ask.terms) ? sum(ok) + sum(client) + sum(server) : null,
    histogram,
  }
}

/** The newest rows that match, as many as the time allows. `more`: the limit, not the range, ended it. */
export function newestRows(ask: Ask, limit: number, beforeId?: number): { rows: StoredRow[]; more: boolean } {
  const { sql, params } = toCondition(ask.terms)
  const where = `id >= ? AND id < ? AND ${indexHint(ask.terms)} AND (${sql})`
  const select = `SELECT ${ROW_COLUMNS} FROM exchange WHERE ${where} ORDER BY id DESC LIMIT ?`
  const rows: StoredRow[] = []
  for (const { db, low, high } of windows(ask.reader, ask.range, beforeId)) {
    db.each(select, [low, high, ...params, limit - rows.length], row => void rows.push(toStoredRow(db, row)))
    if (rows.length >= limit) return { rows, more: true }
    // Out of time with something to show: that is the page, and the next one goes on from here.
    if (ask.deadline.passed && rows.length > 0) return { rows, more: true }
    ask.deadline.check()
  }
  return { rows, more: false }
}

function beforeRow(reader: Reader, before: string | null): number | undefined {
  if (before === null) return undefined
  const parsed = parseExchangeId(before)
  if (parsed === undefined) throw new QueryError(422, '`before` is not the id of an exchange')
  return locate(reader, before)?.rowId ?? parsed.startedMs * IDS_PER_MS
}

function histogramOf(ask: Ask): ExchangePage['histogram'] {
  const buckets = bucketsOf(ask.range, HISTOGRAM_BUCKETS, ask.nowMs)
  const zeros = (): number[] => buckets.times.map(() => 0)
  const counts = { ok: zeros(), client: zeros(), server: zeros() }
  try {
    eachCount(ask, widestTier(buckets.stepMs), portion => {
      const outcome = outcomeOf(portion.status, portion.error)
      const group =
        outcome === 'ok' || outcome === 'redirect' ? 'ok' : outcome === 'server' ? 'server' : 'client'
      counts[group][bucketIndexOf(buckets, portion.at)]! += portion.count
    })
    return { ...buckets, ...counts }
  } catch (error) {
    // Rows were found, counting all of them takes too long: the page stands without its histogram.
    if (!(error instanceof QueryError) || isRollupFilter(ask.terms)) throw error
    return { stepMs: buckets.stepMs, times: [], ok: [], client: [], server: [] }
  }
}
