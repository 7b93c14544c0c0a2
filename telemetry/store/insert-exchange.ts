// One record → one row of the exchange table and one of detail.
import type { ExchangeRecord } from '../record.ts'
import { rejectReason } from '../reject.ts'
import { IDS_PER_MS } from './day-file.ts'
import { encodeDetail } from './detail.ts'
import type { Dictionary } from './dictionary.ts'
import type { Driver, Value } from './driver.ts'

const INSERT = `INSERT OR IGNORE INTO exchange VALUES (${new Array(26).fill('?').join(', ')})`

/** @returns the id it got: the wanted one, or the next that was free */
export function insertExchange(
  db: Driver,
  dict: Dictionary,
  wantedId: number,
  record: ExchangeRecord,
): number {
  const values = toValues(dict, record)
  let id = wantedId
  while (db.run(INSERT, id, ...values) === 0) id = freeAbove(db, id)
  db.run('INSERT OR REPLACE INTO detail VALUES (?, ?)', id, encodeDetail(record))
  return id
}

/** Past the taken ids in large steps: many rows of one moment must not be tried one by one. */
function freeAbove(db: Driver, taken: number): number {
  const sql = 'SELECT max(id) AS id FROM exchange WHERE id < ?'
  return db.all<{ id: number }>(sql, taken + IDS_PER_MS)[0]!.id + 1
}

/** In the order of the table's columns, without the id. */
function toValues(dict: Dictionary, r: ExchangeRecord): Value[] {
  return [
    r.startedMs,
    Math.round(r.durationUs),
    Buffer.from(r.traceId, 'hex'),
    Buffer.from(r.spanId, 'hex'),
    dict.id(r.route),
    dict.id(r.host),
    dict.id(r.method),
    dict.id(r.scheme),
    dict.id(r.protocol),
    r.path,
    r.query,
    r.status,
    dict.id(r.client),
    dict.id(r.userAgent),
    r.inBytes,
    r.outBytes,
    dict.id(r.error),
    dict.id(r.upstream),
    dict.id(r.cache),
    dict.id(r.answeredBy),
    r.attempts.length,
    r.aborted ? 1 : 0,
    r.weight,
    r.grpcStatus,
    dict.id(rejectReason(r, r.verdicts)),
  ]
}
