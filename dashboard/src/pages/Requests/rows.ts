// The list's rows as pure functions: merging what arrives from the stream and from pages, newest first.
import type { ExchangeRow } from '../../../../control/admin/contract.ts'

/** Rows kept in the browser; scrolling further asks again. */
export const MAX_ROWS = 5000

export interface RowState {
  /** What is on the screen. */
  rows: ExchangeRow[]
  /** What arrived while the view is held. */
  waiting: ExchangeRow[]
  /** There is nothing older. */
  complete: boolean
}

export type RowAction =
  | { type: 'reset' }
  | { type: 'newest'; rows: ExchangeRow[]; complete: boolean }
  | { type: 'arrived'; rows: ExchangeRow[]; held: boolean }
  | { type: 'older'; rows: ExchangeRow[]; complete: boolean }
  | { type: 'release' }

export const NO_ROWS: RowState = { rows: [], waiting: [], complete: false }

/** One exchange has one span, whichever way its row came. */
const keyOf = (row: ExchangeRow) => `${row.traceId}${row.spanId}`

const newestFirst = (a: ExchangeRow, b: ExchangeRow) => b.at - a.at || (a.id < b.id ? 1 : -1)

/** Both lists as one: newest first, each exchange once; what `have` knows stays the same object. */
export function mergeRows(have: readonly ExchangeRow[], more: readonly ExchangeRow[]): ExchangeRow[] {
  const known = new Set(have.map(keyOf))
  const fresh = more.filter(row => !known.has(keyOf(row)) && known.add(keyOf(row)))
  if (fresh.length === 0) return have as ExchangeRow[]
  return [...have, ...fresh].sort(newestFirst).slice(0, MAX_ROWS)
}

function arrived(state: RowState, rows: readonly ExchangeRow[], held: boolean): RowState {
  if (!held) return { ...state, rows: mergeRows(mergeRows(state.rows, state.waiting), rows), waiting: [] }
  const shown = new Set(state.rows.map(keyOf))
  const waiting = mergeRows(
    state.waiting,
    rows.filter(row => !shown.has(keyOf(row))),
  )
  return waiting === state.waiting ? state : { ...state, waiting }
}

export function rowReducer(state: RowState, action: RowAction): RowState {
  switch (action.type) {
    case 'reset':
      return NO_ROWS
    case 'newest':
      return { rows: mergeRows(state.rows, action.rows), waiting: [], complete: action.complete }
    case 'arrived':
      return arrived(state, action.rows, action.held)
    case 'older':
      return { ...state, rows: mergeRows(state.rows, action.rows), complete: action.complete }
    case 'release':
      return { ...state, rows: mergeRows(state.rows, state.waiting), waiting: [] }
  }
}

/** What the bars in the duration cells are measured against: the 95th percentile of the rows. */
export function durationScale(rows: readonly ExchangeRow[]): number {
  if (rows.length === 0) return 1
  const sorted = rows.map(row => row.durationUs).sort((a, b) => a - b)
  return Math.max(1, sorted[Math.floor(sorted.length * 0.95)] ?? 1)
}
