// The virtual list: 28 px rows, newest on top, held still while the reader looks.
import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  type MouseEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react'
import type { ExchangeRow } from '../../../../control/admin/contract.ts'
import { COLUMNS } from './columns.ts'
import { Row, rowId } from './Row.tsx'
import { durationScale } from './rows.ts'

const ROW_PX = 28
const FRESH_MS = 400
const NEAR_END = 20
const SLIDE = { duration: 120, easing: 'ease-out' }

interface Props {
  rows: readonly ExchangeRow[]
  total: number | null
  cursor: string
  onHold: (held: boolean) => void
  onOpen: (row: ExchangeRow) => void
  onNearEnd: () => void
  /** Counts up when the list shall go to its top. */
  toTop: number
}

export function List({ rows, total, cursor, onHold, onOpen, onNearEnd, toTop }: Props) {
  const scroller = useRef<HTMLTableElement>(null)
  const [hovering, setHovering] = useState(false)
  const [scrolled, setScrolled] = useState(false)
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 10,
    getItemKey: index => rows[index]?.id ?? index,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  const fresh = useFresh(rows)
  const body = useSlide(rows, !hovering && !scrolled)
  const cursorIndex = rows.findIndex(row => row.id === cursor)

  useEffect(() => onHold(hovering || scrolled), [hovering, scrolled, onHold])
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - NEAR_END) onNearEnd()
  }, [last, rows.length, onNearEnd])
  useEffect(() => {
    if (toTop > 0) scroller.current?.scrollTo({ top: 0 })
  }, [toTop])
  // Only a move of the cursor scrolls, not rows that arrive above it.
  const follow = useRef({ virtual, cursorIndex })
  follow.current = { virtual, cursorIndex }
  useEffect(() => {
    if (cursor !== '' && follow.current.cursorIndex >= 0)
      follow.current.virtual.scrollToIndex(follow.current.cursorIndex)
  }, [cursor])

  const open = (event: MouseEvent | KeyboardEvent) => {
    const line = (event.target as Element).closest('[data-index]')
    const row = rows[Number(line?.getAttribute('data-index') ?? -1)]
    if (row !== undefined) onOpen(row)
  }
  const scale = durationScale(rows)
  return (
    <table
      {...asGrid(cursorIndex === -1 ? undefined : rowId(cursor))}
      aria-rowcount={total ?? rows.length}
      ref={scroller}
      aria-label="Requests, newest first"
      className="@container block min-h-0 flex-1 overflow-y-auto -outline-offset-2"
      onScroll={event => setScrolled(event.currentTarget.scrollTop > ROW_PX / 2)}
      onPointerLeave={() => setHovering(false)}
      onClick={open}
      onKeyDown={event => event.key === 'Enter' && event.target !== event.currentTarget && open(event)}
    >
      <Head />
      <tbody
        ref={body}
        className="relative block"
        style={{ height: virtual.getTotalSize() }}
        onPointerEnter={event => setHovering(event.pointerType === 'mouse')}
        onPointerLeave={() => setHovering(false)}
      >
        {items.map(({ index, key, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          return (
            <Row
              key={key}
              row={row}
              index={index}
              top={start}
              active={row.id === cursor}
              fresh={fresh(row)}
              scale={scale}
            />
          )
        })}
      </tbody>
    </table>
  )
}

/** A table whose rows can be moved through and opened by key (WAI-ARIA grid pattern). */
function asGrid(active: string | undefined) {
  return { role: 'grid', tabIndex: 0, 'aria-activedescendant': active }
}

function Head() {
  return (
    <thead className="sticky top-0 z-10 block border-b bg-panel">
      <tr className="flex h-7 items-center gap-3 px-3 text-left text-table text-muted">
        {Object.values(COLUMNS).map(column => (
          <th key={column.name} scope="col" className={`font-medium ${column.className}`}>
            {column.name}
          </th>
        ))}
      </tr>
    </thead>
  )
}

/** New rows push the others down: the whole body slides by as many rows as came in on top. */
function useSlide(rows: readonly ExchangeRow[], moving: boolean): RefObject<HTMLTableSectionElement | null> {
  const body = useRef<HTMLTableSectionElement>(null)
  const top = useRef('')
  useLayoutEffect(() => {
    const came = rows.findIndex(row => row.id === top.current)
    top.current = rows[0]?.id ?? ''
    const still = window.matchMedia('(prefers-reduced-motion: reduce)').matches
    if (came <= 0 || came > 10 || !moving || still) return
    body.current?.animate([{ transform: `translateY(${-came * ROW_PX}px)` }, { transform: 'none' }], SLIDE)
  }, [rows, moving])
  return body
}

/** Whether a row came in just now: the ones of the first filling did not. */
function useFresh(rows: readonly ExchangeRow[]): (row: ExchangeRow) => boolean {
  const seen = useRef(new Map<string, number>())
  const at = performance.now()
  const first = seen.current.size === 0
  if (seen.current.size > rows.length * 2 + 1000) seen.current.clear()
  for (const row of rows) if (!seen.current.has(row.id)) seen.current.set(row.id, first ? 0 : at)
  return row => at - (seen.current.get(row.id) ?? 0) < FRESH_MS
}
