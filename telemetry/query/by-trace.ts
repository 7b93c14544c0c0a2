// The stored rows of one trace.

import type { Driver } from '../store/driver.ts'
import { ROW_COLUMNS, type StoredRow, toStoredRow } from './exchange-row.ts'
import type { Reader } from './reader.ts'

const MAX_ROWS = 200
const SELECT = `SELECT ${ROW_COLUMNS} FROM exchange WHERE trace = ? ORDER BY id LIMIT ?`

/** Oldest first. @param traceId 32 hex digits */
export function byTrace(reader: Reader, traceId: string): (StoredRow & { db: Driver })[] {
  const trace = Buffer.from(traceId, 'hex')
  const found: (StoredRow & { db: Driver })[] = []
  for (const file of reader.files()) {
    const db = reader.events(file.name)
    db?.each(
      SELECT,
      [trace, MAX_ROWS - found.length],
      row => void found.push({ ...toStoredRow(db, row), db }),
    )
  }
  return found
}
