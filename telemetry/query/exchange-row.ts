// The columns of a request-list row and how they become one.
import type { ExchangeRow } from '../../control/admin/contract.ts'
import { grpcStatus } from '../grpc-status.ts'
import { exchangeId } from '../row.ts'
import type { Driver, Value } from '../store/driver.ts'
import { Names } from './names.ts'

export interface StoredRow {
  /** Row id: orders rows over all files. */
  rowId: number
  row: ExchangeRow
}

type Read = (value: Value, names: Names) => ExchangeRow[keyof ExchangeRow]

const plain: Read = value => value as string | number
const name: Read = (value, names) => names.text(value)
const hex: Read = value => Buffer.from(value as Uint8Array).toString('hex')
const flag: Read = value => value === 1
const grpc: Read = value => grpcStatus(value as number)

/** Field of the row, column of the table, how the one is read from the other. */
const COLUMNS: readonly [field: Exclude<keyof ExchangeRow, 'id'>, column: string, read: Read][] = [
  ['at', 'started_ms', plain],
  ['durationUs', 'duration_us', plain],
  ['traceId', 'trace', hex],
  ['spanId', 'span', hex],
  ['route', 'route', name],
  ['host', 'host', name],
  ['method', 'method', name],
  ['scheme', 'scheme', name],
  ['protocol', 'protocol', name],
  ['path', 'path', plain],
  ['query', 'query', plain],
  ['status', 'status', plain],
  ['client', 'client', name],
  ['userAgent', 'user_agent', name],
  ['inBytes', 'in_bytes', plain],
  ['outBytes', 'out_bytes', plain],
  ['error', 'error', name],
  ['upstream', 'upstream', name],
  ['cache', 'cache', name],
  ['answeredBy', 'answered_by', name],
  ['attempts', 'attempts', plain],
  ['aborted', 'aborted', flag],
  ['weight', 'weight', plain],
  ['grpcStatus', 'grpc', grpc],
  ['reject', 'reject', name],
]

/** For SELECT. */
export const ROW_COLUMNS = `id, ${COLUMNS.map(([, column]) => column).join(', ')}`

/** @param values of ROW_COLUMNS, in that order */
export function toStoredRow(db: Driver, values: Value[]): StoredRow {
  const names = Names.of(db)
  const fields = COLUMNS.map(([field, , read], i) => [field, read(values[i + 1]!, names)])
  const row = Object.fromEntries(fields) as ExchangeRow
  row.id = exchangeId(row.at, row.spanId)
  return { rowId: values[0] as number, row }
}
