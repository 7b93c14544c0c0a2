// Reads what only the detail page and the trace need of a row.

import { decodeDetail, type StoredDetail } from '../store/detail.ts'
import type { Driver } from '../store/driver.ts'

export function storedDetail(db: Driver, rowId: number): StoredDetail | undefined {
  const json = db.all<{ json: string }>('SELECT json FROM detail WHERE id = ?', rowId)[0]?.json
  return json === undefined ? undefined : decodeDetail(json)
}
