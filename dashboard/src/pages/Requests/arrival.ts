// How new rows come into the list: the others slide down, and the new ones glow for a moment.
import { type RefObject, useLayoutEffect, useRef } from 'react'
import type { ExchangeRow } from '../../../../control/admin/contract.ts'

export const ROW_PX = 28
const FRESH_MS = 400
const SLIDE = { duration: 120, easing: 'ease-out' }
/** More at once is a jump, not a slide. */
const MAX_SLIDE_ROWS = 10

/** New rows push the others down: the whole body slides by as many rows as came in on top. */
export function useSlide(
  rows: readonly ExchangeRow[],
  moving: boolean,
): RefObject<HTMLTableSectionElement | null> {
  const body = useRef<HTMLTableSectionElement>(null)
  const top = useRef('')
  useLayoutEffect(() => {
    const came = rows.findIndex(row => row.id === top.current)
    top.current = rows[0]?.id ?? ''
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches
    if (came <= 0 || came > MAX_SLIDE_ROWS || !moving || still) return
    body.current?.animate([{ transform: `translateY(${-came * ROW_PX}px)` }, { transform: 'none' }], SLIDE)
  }, [rows, moving])
  return body
}

/** Whether a row came in just now: the ones of the first filling did not. */
export function useFresh(rows: readonly ExchangeRow[]): (row: ExchangeRow) => boolean {
  const seen = useRef(new Map<string, number>())
  const at = performance.now()
  const first = seen.current.size === 0
  if (seen.current.size > rows.length * 2 + 1000) seen.current.clear()
  for (const row of rows) if (!seen.current.has(row.id)) seen.current.set(row.id, first ? 0 : at)
  return row => at - (seen.current.get(row.id) ?? 0) < FRESH_MS
}
