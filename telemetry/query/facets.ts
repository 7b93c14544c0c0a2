// GET /api/v1/facets: the most frequent values among the newest rows of the scope.
import type { ExchangeRow, Facets } from '../../control/admin/contract.ts'
import { askOf, type Context } from './context.ts'
import { newestRows } from './exchanges.ts'
import type { Params } from './questions.ts'

const MAX_ROWS = 5000
const MAX_VALUES = 12

/** Field names are those of the filter language. */
const FIELDS: readonly [field: string, value: (row: ExchangeRow) => string][] = [
  ['route', row => row.route],
  ['host', row => row.host],
  ['status', row => String(row.status)],
  ['method', row => row.method],
  ['path', row => row.path],
  ['upstream', row => row.upstream],
  ['cache', row => row.cache],
  ['error', row => row.error],
  ['client', row => row.client],
  ['protocol', row => row.protocol],
  ['grpc', row => row.grpcStatus?.name ?? ''],
  ['reject', row => row.reject],
]

export function facets(params: Params<'facets'>, context: Context): Facets {
  const { rows } = newestRows(askOf(context, params.scope), MAX_ROWS)
  const fields = FIELDS.map(([field, read]) => {
    const counts = new Map<string, number>()
    for (const { row } of rows) {
      const value = read(row)
      if (value !== '') counts.set(value, (counts.get(value) ?? 0) + row.weight)
    }
    const values = [...counts].map(([value, count]) => ({ value, count }))
    return { field, values: values.sort((a, b) => b.count - a.count).slice(0, MAX_VALUES) }
  })
  return { fields, rows: rows.length }
}
