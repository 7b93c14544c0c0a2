// The request on its own clock: a bar for every stage and attempt, and beside it what was decided.
import type { ExchangeDetail } from '../../../../control/admin/contract.ts'
import { formatDuration, trimZeros } from '../../lib/format.ts'
import { axisTicks, extent, type Segment, type WaterfallRow, waterfallRows } from './waterfall.ts'

const COLORS: Record<Segment['kind'], string> = {
  stage: 'var(--muted)',
  connect: 'var(--series-1)',
  wait: 'var(--accent)',
  body: 'var(--series-0)',
  failed: 'var(--error)',
}
const WORDS: Record<Segment['kind'], string> = {
  stage: 'in the stage',
  connect: 'connect',
  wait: 'wait for the head',
  body: 'body',
  failed: 'failed',
}
/** A bar too short to see is drawn this wide. */
const MIN_PX = 3

export function Waterfall({ detail, compact = false }: { detail: ExchangeDetail; compact?: boolean }) {
  const rows = waterfallRows(detail)
  const end = extent(detail, rows)
  const ticks = axisTicks(end, compact ? 4 : 7)
  const kinds = [...new Set(rows.flatMap(row => row.segments.map(segment => segment.kind)))]
  return (
    <figure aria-label="Waterfall" className="m-0">
      <Axis ticks={ticks} end={end} />
      <ol className="relative">
        {rows.map(row => (
          <Row key={row.key} row={row} end={end} ticks={ticks} />
        ))}
      </ol>
      <figcaption className="flex flex-wrap gap-x-4 px-3 pt-2 pb-1 text-axis text-muted">
        {kinds.map(kind => (
          <span key={kind} className="inline-flex items-center gap-1.5">
            <span aria-hidden="true" className="h-2 w-3 rounded-[2px]" style={{ background: COLORS[kind] }} />
            {WORDS[kind]}
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

const LABEL = 'w-[84px] shrink-0 sm:w-[104px]'

function Axis({ ticks, end }: { ticks: number[]; end: number }) {
  return (
    <div className="flex h-6 items-end px-3 font-mono text-axis text-faint" aria-hidden="true">
      <span className={LABEL} />
      <span className="relative h-full flex-1">
        {ticks.map(at => (
          <span
            key={at}
            className={`absolute bottom-0.5 whitespace-nowrap ${at === 0 ? '' : '-translate-x-1/2'}`}
            style={{ left: `${(at / end) * 100}%` }}
          >
            {at === 0 ? '0' : trimZeros(formatDuration(at))}
          </span>
        ))}
      </span>
    </div>
  )
}

interface RowProps {
  row: WaterfallRow
  end: number
  ticks: number[]
}

function Row({ row, end, ticks }: RowProps) {
  const first = row.segments[0]
  const last = row.segments.at(-1)
  const took = first === undefined || last === undefined ? 0 : last.endUs - first.startUs
  const late = first !== undefined && last !== undefined && last.endUs / end > 0.55
  const wide = first !== undefined && took / end > 0.4
  return (
    <li className="border-t px-3 hover:bg-hover">
      <div className="flex min-h-7 items-center">
        <span
          className={`${LABEL} truncate font-mono text-table ${row.depth === 1 ? 'pl-3 text-muted' : ''} ${row.failed ? 'text-error' : ''}`}
        >
          {row.label}
        </span>
        <span className="relative h-7 flex-1">
          {ticks.map(at => (
            <span
              key={at}
              aria-hidden="true"
              className="absolute inset-y-0 w-px bg-line opacity-60"
              style={{ left: `${(at / end) * 100}%` }}
            />
          ))}
          {row.segments.map(segment => (
            <Bar key={`${segment.kind} ${segment.startUs}`} segment={segment} end={end} />
          ))}
          <Sentence row={row} took={took} end={end} late={late} wide={wide} />
        </span>
      </div>
      {wide && row.sentence !== '' && (
        <p className="pb-1 pl-[84px] text-table text-muted sm:pl-[104px]">
          {row.sentence} <span className="font-mono text-faint">{formatDuration(took)}</span>
        </p>
      )}
    </li>
  )
}

function Bar({ segment, end }: { segment: Segment; end: number }) {
  const { startUs, endUs, kind } = segment
  return (
    <span
      className="absolute top-2 h-3 rounded-[2px]"
      title={`${WORDS[kind]}: ${formatDuration(endUs - startUs)}`}
      style={{
        left: `min(${(startUs / end) * 100}%, calc(100% - ${MIN_PX}px))`,
        width: `max(${MIN_PX}px, ${((endUs - startUs) / end) * 100}%)`,
        background: COLORS[kind],
      }}
    />
  )
}

/** Beside its bar: right of it, or left when it ends late; a long bar has its sentence below. */
function Sentence({
  row,
  took,
  end,
  late,
  wide,
}: {
  row: WaterfallRow
  took: number
  end: number
  late: boolean
  wide: boolean
}) {
  if (wide || row.sentence === '') return null
  const start = row.segments[0]?.startUs ?? 0
  const stop = row.segments.at(-1)?.endUs ?? 0
  const side = late
    ? { right: `calc(${100 - (start / end) * 100}% + 8px)` }
    : { left: `calc(max(${(stop / end) * 100}%, ${(start / end) * 100}% + ${MIN_PX}px) + 8px)` }
  const room = late ? start / end : 1 - stop / end
  return (
    <span
      className="absolute inset-y-0 flex items-center gap-2 truncate text-table"
      style={{ ...side, maxWidth: `calc(${room * 100}% - 12px)` }}
      title={row.sentence}
    >
      <span className="truncate">{row.sentence}</span>
      <span className="font-mono text-faint">{formatDuration(took)}</span>
    </span>
  )
}
