// One line of the list: values filter, the rest of the line opens the request.
import { memo, type ReactNode } from 'react'
import type { ExchangeRow } from '../../../../control/admin/contract.ts'
import { FilterValue } from '../../components/FilterValue.tsx'
import { SeriesDot } from '../../components/SeriesDot.tsx'
import { CacheVerdict, StatusCode } from '../../components/StatusCode.tsx'
import { formatBytes, formatDuration, formatExact } from '../../lib/format.ts'
import { fullTime, preciseClock } from '../../lib/time.ts'
import { COLUMNS } from './columns.ts'

interface Props {
  row: ExchangeRow
  /** Where it stands among all rows, from 0. */
  index: number
  top: number
  active: boolean
  fresh: boolean
  /** Microseconds of a full duration bar. */
  scale: number
}

export const rowId = (id: string) => `row-${id}`

export const Row = memo(function Row({ row, index, top, active, fresh, scale }: Props) {
  return (
    <tr
      id={rowId(row.id)}
      data-index={index}
      aria-rowindex={index + 2}
      aria-selected={active}
      className={`absolute inset-x-0 flex h-7 cursor-pointer items-center gap-3 border-b border-line/60 px-3 text-table ${active ? 'bg-selected' : 'hover:bg-hover'} ${fresh ? 'row-in' : ''}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <Time row={row} />
      <Status row={row} />
      <Method row={row} />
      <Target row={row} />
      <Route row={row} />
      <Duration row={row} scale={scale} />
      <Cache row={row} />
      <Upstream row={row} />
      <Size row={row} />
    </tr>
  )
})

function Cell({
  of,
  mono = false,
  children,
}: {
  of: keyof typeof COLUMNS
  mono?: boolean
  children: ReactNode
}) {
  return <td className={`truncate ${COLUMNS[of].className} ${mono ? 'font-mono' : ''}`}>{children}</td>
}

function Time({ row }: { row: ExchangeRow }) {
  return (
    <Cell of="time" mono>
      <span className="text-muted" title={fullTime(row.at)}>
        {preciseClock(row.at).slice(0, 8)}
        <span className="@max-[460px]:hidden">{preciseClock(row.at).slice(8)}</span>
      </span>
    </Cell>
  )
}

function Status({ row }: { row: ExchangeRow }) {
  return (
    <Cell of="status">
      <FilterValue
        inList
        field="status"
        value={String(row.status)}
        {...(row.error === '' ? {} : { title: row.error })}
      >
        <StatusCode status={row.status} aborted={row.aborted} />
      </FilterValue>
    </Cell>
  )
}

function Method({ row }: { row: ExchangeRow }) {
  return (
    <Cell of="method" mono>
      <FilterValue inList field="method" value={row.method}>
        {row.method}
      </FilterValue>
    </Cell>
  )
}

function Route({ row }: { row: ExchangeRow }) {
  return (
    <Cell of="route">
      <FilterValue
        inList
        field="route"
        value={row.route}
        className="flex max-w-full items-center gap-1.5 font-mono"
      >
        <SeriesDot name={row.route} />
        <span className="truncate">{row.route}</span>
      </FilterValue>
    </Cell>
  )
}

function Duration({ row, scale }: { row: ExchangeRow; scale: number }) {
  const exact = `${formatExact(row.durationUs)} µs`
  return (
    <Cell of="duration" mono>
      <FilterValue
        inList
        field="duration"
        value={`>=${Math.floor(row.durationUs)}us`}
        className="flex w-full items-center justify-end gap-2"
        title={exact}
      >
        <DurationBar part={row.durationUs / scale} />
        <span className="w-[58px] shrink-0">{formatDuration(row.durationUs)}</span>
      </FilterValue>
    </Cell>
  )
}

function Cache({ row }: { row: ExchangeRow }) {
  return (
    <Cell of="cache">
      <FilterValue inList field="cache" value={row.cache}>
        <CacheVerdict verdict={row.cache} />
      </FilterValue>
    </Cell>
  )
}

function Upstream({ row }: { row: ExchangeRow }) {
  return (
    <Cell of="upstream" mono>
      {row.upstream === '' ? (
        <span className="text-faint">{row.answeredBy || '–'}</span>
      ) : (
        <FilterValue inList field="upstream" value={row.upstream} className="flex max-w-full gap-1">
          <span className="truncate">{row.upstream}</span>
          {row.attempts > 1 && <span className="text-warn">×{row.attempts}</span>}
        </FilterValue>
      )}
    </Cell>
  )
}

function Size({ row }: { row: ExchangeRow }) {
  return (
    <Cell of="size" mono>
      <span className="text-muted" title={`${formatExact(row.outBytes)} bytes`}>
        {formatBytes(row.outBytes)}
      </span>
    </Cell>
  )
}

function Target({ row }: { row: ExchangeRow }) {
  return (
    <Cell of="path" mono>
      <span className="text-muted @max-[1180px]:hidden">{row.host}</span>
      {row.path}
      {row.query !== '' && <span className="text-faint">?{row.query}</span>}
    </Cell>
  )
}

function DurationBar({ part }: { part: number }) {
  return (
    <span aria-hidden="true" className="h-1 flex-1 @max-[640px]:hidden">
      <span
        className="block h-full rounded-full bg-accent opacity-60"
        style={{ width: `${Math.min(100, Math.max(2, part * 100))}%` }}
      />
    </span>
  )
}
