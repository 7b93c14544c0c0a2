// Reads what only the detail page and the trace need of a row.
import type { Driver } from '../store/driver.ts'
import type { StoredDetail } from '../store/insert-exchange.ts'

export function storedDetail(db: Driver, rowId: number): StoredDetail | undefined {
  const json = db.all<{ json: string }>('SELECT json FROM detail WHERE id = ?', rowId)[0]?.json
  return json === undefined ? undefined : (JSON.parse(json) as StoredDetail)
}
