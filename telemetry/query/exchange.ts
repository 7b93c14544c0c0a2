// GET /api/v1/exchanges/:id: one exchange whole, its decisions in words.
import type { ExchangeDetail } from '../../control/admin/contract.ts'
import { attemptSentence, decide, keepSentence } from '../reasons.ts'
import { byTrace } from './by-trace.ts'
import type { Context } from './context.ts'
import { ROW_COLUMNS, type StoredRow, toStoredRow } from './exchange-row.ts'
import { locate } from './locate.ts'
import type { Params } from './questions.ts'
import { storedDetail } from './stored-detail.ts'

/** @returns null when there is no such row (any more) */
export function exchange(params: Params<'exchange'>, context: Context): ExchangeDetail | null {
  const located = locate(context.reader, params.id)
  if (located === undefined) return null
  const { db, rowId } = located
  let stored: StoredRow | undefined
  db.each(`SELECT ${ROW_COLUMNS} FROM exchange WHERE id = ?`, [rowId], row => {
    stored = toStoredRow(db, row)
  })
  const detail = storedDetail(db, rowId)
  if (stored === undefined || detail === undefined) return null
  const { row } = stored
  const { parentId, requestId, referer, firstByteUs, errorText, keep, worker, connection } = detail
  return {
    ...row,
    parentId,
    requestId,
    referer,
    firstByteUs,
    errorText,
    keep,
    keepSentence: keepSentence(keep, row.weight),
    worker,
    // Rows of before it was recorded have none.
    connection: connection ?? 0,
    decisions: detail.verdicts.map(decide),
    attemptList: detail.attempts.map(attempt => ({ ...attempt, sentence: attemptSentence(attempt) })),
    requestHeaders: detail.requestHeaders,
    replyHeaders: detail.replyHeaders,
    tls: detail.tls,
    siblings: byTrace(context.reader, row.traceId).flatMap(sibling =>
      sibling.row.id === row.id ? [] : [sibling.row],
    ),
  }
}
