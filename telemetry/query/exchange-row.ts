// The columns of a request-list row and how they become one.
import type { ExchangeRow } from '../../control/admin/contract.ts'
import type { CacheVerdict, ErrorType } from '../record.ts'
import { exchangeId } from '../row.ts'
import type { Driver, Value } from '../store/driver.ts'
import { Names } from './names.ts'

export const ROW_COLUMNS = `id, started_ms, duration_us, trace, span, route, host, method, scheme, protocol, path,
  query, status, client, user_agent, in_bytes, out_bytes, error, upstream, cache, answered_by, attempts, aborted,
  weight`

export interface StoredRow {
  /** Row id: orders rows over all files. */
  rowId: number
  row: ExchangeRow
}

const hex = (blob: Value): string => Buffer.from(blob as Uint8Array).toString('hex')

/** @param values of ROW_COLUMNS, in that order */
export function toStoredRow(db: Driver, values: Value[]): StoredRow {
  const names = Names.of(db)
  const [
    id,
    startedMs,
    durationUs,
    trace,
    span,
    route,
    host,
    method,
    scheme,
    protocol,
    path,
    query,
    ...rest
  ] = values
  const [
    status,
    client,
    agent,
    inBytes,
    outBytes,
    error,
    upstream,
    cache,
    answered,
    attempts,
    aborted,
    weight,
  ] = rest
  const spanId = hex(span!)
  const row: ExchangeRow = {
    id: exchangeId(startedMs as number, spanId),
    at: startedMs as number,
    durationUs: durationUs as number,
    traceId: hex(trace!),
    spanId,
    route: names.text(route!),
    host: names.text(host!),
    method: names.text(method!),
    scheme: names.text(scheme!),
    protocol: names.text(protocol!),
    path: path as string,
    query: query as string,
    status: status as number,
    client: names.text(client!),
    userAgent: names.text(agent!),
    inBytes: inBytes as number,
    outBytes: outBytes as number,
    error: names.text(error!) as ErrorType | '',
    upstream: names.text(upstream!),
    cache: names.text(cache!) as CacheVerdict,
    answeredBy: names.text(answered!),
    attempts: attempts as number,
    aborted: aborted === 1,
    weight: weight as number,
  }
  return { rowId: id as number, row }
}
