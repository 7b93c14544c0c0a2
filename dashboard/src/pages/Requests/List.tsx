// The virtual list: 28 px rows, newest on top, held still while the reader looks.
import { useVirtualizer, type VirtualItem, type Virtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react'
import type { ExchangeRow } from '../../../../control/admin/contract.ts'
import { ROW_PX, useFresh, useSlide } from './arrival.ts'
import { COLUMNS } from './columns.ts'
import { Row, rowId } from './Row.tsx'
import { durationScale } from './rows.ts'

const NEAR_END = 20

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
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0
  const body = useSlide(rows, !hovering && !scrolled)
  const cursorIndex = rows.findIndex(row => row.id === cursor)

  useEffect(() => onHold(hovering || scrolled), [hovering, scrolled, onHold])
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - NEAR_END) onNearEnd()
  }, [last, rows.length, onNearEnd])
  useEffect(() => {
    if (toTop > 0) scroller.current?.scrollTo({ top: 0 })
  }, [toTop])
  useFollow(virtual, cursor, cursorIndex)

  const open = (event: MouseEvent | KeyboardEvent) => {
    const line = (event.target as Element).closest('[data-index]')
    const row = rows[Number(line?.getAttribute('data-index') ?? -1)]
    if (row !== undefined) onOpen(row)
  }
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
        <Rows items={virtual.getVirtualItems()} rows={rows} cursor={cursor} />
      </tbody>
    </table>
  )
}

interface RowsProps {
  items: VirtualItem[]
  rows: readonly ExchangeRow[]
  cursor: string
}

function Rows({ items, rows, cursor }: RowsProps) {
  const fresh = useFresh(rows)
  const scale = durationScale(rows)
  return items.map(({ index, key, start }) => {
    const row = rows[index]
    if (row === undefined) return null
    return (
      <Row key={key} {...{ row, index, scale }} top={start} active={row.id === cursor} fresh={fresh(row)} />
    )
  })
}

/** Only a move of the cursor scrolls, not rows that arrive above it. */
function useFollow(virtual: Virtualizer<HTMLTableElement, Element>, cursor: string, index: number): void {
  const latest = useRef({ virtual, index })
  latest.current = { virtual, index }
  useEffect(() => {
    const { virtual: list, index: at } = latest.current
    if (cursor !== '' && at >= 0) list.scrollToIndex(at)
  }, [cursor])
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
