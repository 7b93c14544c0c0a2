// GET /api/v1/traces/:traceId: the spans of a trace, derived from its stored exchanges.
import type { Trace } from '../../control/admin/contract.ts'
import { byTrace } from './by-trace.ts'
import type { Context } from './context.ts'
import { QueryError } from './query-error.ts'
import type { Params } from './questions.ts'
import { spansOf } from './spans.ts'
import { storedDetail } from './stored-detail.ts'

/** @returns null when nothing of the trace is stored; @throws QueryError 422 when it is not a trace id */
export function trace(params: Params<'trace'>, context: Context): Trace | null {
  const traceId = params.traceId.toLowerCase()
  if (!/^[0-9a-f]{32}$/.test(traceId)) throw new QueryError(422, 'a trace id has 32 hexadecimal digits')
  const spans = byTrace(context.reader, traceId).flatMap(({ db, rowId, row }) => {
    const detail = storedDetail(db, rowId)
    return detail === undefined ? [] : spansOf(row, detail)
  })
  return spans.length === 0 ? null : { traceId, spans }
}
