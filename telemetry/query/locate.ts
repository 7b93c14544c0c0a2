// Finds a stored row by the API's id.
import { parseExchangeId } from '../row.ts'
import { IDS_PER_MS } from '../store/day-file.ts'
import type { Driver } from '../store/driver.ts'
import type { Reader } from './reader.ts'
import { filesFrom } from './windows.ts'

/** Rows that began before their file stand within so much of its beginning. */
const CLAMPED_MS = 1000

export interface Located {
  db: Driver
  rowId: number
}

const FIND = 'SELECT id FROM exchange WHERE id >= ? AND id < ? AND span = ? LIMIT 1'

/** @returns undefined when the id is none, or the row is not (any more, or never was) stored */
export function locate(reader: Reader, id: string): Located | undefined {
  const parsed = parseExchangeId(id)
  if (parsed === undefined) return undefined
  const span = Buffer.from(parsed.spanId, 'hex')
  for (const file of filesFrom(reader.files(), parsed.startedMs)) {
    const db = reader.events(file.name)
    if (db === null) continue
    const own = file.fromMs <= parsed.startedMs
    const low = (own ? parsed.startedMs : file.fromMs) * IDS_PER_MS
    const high = low + (own ? 2 : CLAMPED_MS) * IDS_PER_MS
    const rowId = db.all<{ id: number }>(FIND, low, high, span)[0]?.id
    if (rowId !== undefined) return { db, rowId }
  }
  return undefined
}
