// The header figures: eight numbers with their change, their shape and what they are this second.
import type { ReactNode } from 'react'
import type { Overview, Series, Tick } from '../../../../control/admin/contract.ts'
import { useTick } from '../../api/live.ts'
import { Sparkline } from '../../charts/Sparkline.tsx'
import { FilterValue } from '../../components/FilterValue.tsx'
import * as format from '../../lib/format.ts'
import { useScope } from '../../lib/scope.ts'
import { totals } from '../../lib/statusLines.ts'

interface Figure {
  label: string
  value: string
  change: string
  /** What the change compares to; the exact value. */
  title: string
  /** This second, from the live stream. */
  second: string
  values: readonly (number | null)[]
  token?: string
  filter?: { field: string; value: string }
}

const NOTHING: readonly (number | null)[] = []

/** `duration:>18ms` for the requests beyond a percentile. */
function slower(us: number | null): { filter: { field: string; value: string } } | object {
  return us === null
    ? {}
    : {
        filter: {
          field: 'duration',
          value: `>${format.formatDuration(us).replaceAll(' ', '').replace('µ', 'u')}`,
        },
      }
}

function figuresOf(
  { now, before, inFlight }: Overview,
  series: Series | undefined,
  tick: Tick | null,
): Figure[] {
  const percentile = (label: string, key: 'p50Us' | 'p95Us' | 'p99Us'): Figure => ({
    label,
    value: format.formatDuration(now[key]),
    change: format.formatChange(now[key], before[key]),
    title: `before: ${format.formatDuration(before[key])}`,
    second: tick === null ? '' : format.formatDuration(tick[key]),
    values: series?.[key] ?? NOTHING,
    ...slower(now[key]),
  })
  const errors = tick === null || tick.requests === 0 ? null : tick.errors / tick.requests
  return [
    {
      label: 'Rate',
      value: format.formatRate(now.rate),
      change: format.formatChange(now.rate, before.rate),
      title: `before: ${format.formatRate(before.rate)}`,
      second: tick === null ? '' : format.formatRate(tick.requests),
      values: series === undefined ? NOTHING : totals(series),
      token: 'accent',
    },
    {
      label: 'Errors',
      value: format.formatShare(now.errorShare),
      change: format.formatPoints(now.errorShare, before.errorShare),
      title: `before: ${format.formatShare(before.errorShare)}`,
      second: tick === null ? '' : format.formatShare(errors),
      values: series?.errorShare ?? NOTHING,
      token: 'error',
      filter: { field: 'is', value: 'failed' },
    },
    percentile('p50', 'p50Us'),
    percentile('p95', 'p95Us'),
    percentile('p99', 'p99Us'),
    {
      label: 'Cache',
      value: format.formatShare(now.cacheShare),
      change: format.formatPoints(now.cacheShare, before.cacheShare),
      title: `before: ${format.formatShare(before.cacheShare)}`,
      second: tick === null ? '' : format.formatShare(tick.cacheShare),
      values: series?.cacheShare ?? NOTHING,
      token: 'hit',
      filter: { field: 'is', value: 'cached' },
    },
    {
      label: 'Out',
      value: `${format.formatBytes(perSecond(now.outBytes, now))}/s`,
      change: format.formatChange(now.outBytes, before.outBytes),
      title: `${format.formatExact(now.outBytes)} bytes in the range; before: ${format.formatBytes(before.outBytes)}`,
      second: tick === null ? '' : `${format.formatBytes(tick.outBytes)}/s`,
      values: series?.outBytes ?? NOTHING,
    },
    {
      label: 'In flight',
      value: format.formatCount(tick?.inFlight ?? inFlight),
      change: '',
      title: 'Requests that are being answered at this moment',
      second: '',
      values: NOTHING,
    },
  ]
}

/** Bytes per second over the same time that the rate was taken over. */
function perSecond(bytes: number, { requests, rate }: Overview['now']): number {
  return requests === 0 ? 0 : (bytes * rate) / requests
}

export function Figures({ overview, series }: { overview: Overview; series: Series | undefined }) {
  const { live, q } = useScope()
  const tick = useTick()
  // Ticks count all traffic: under a filter they would not be the figure's own second.
  const figures = figuresOf(overview, series, live && q === '' ? tick : null)
  return (
    <section
      aria-label="Figures"
      className="panel grid grid-cols-2 overflow-hidden sm:grid-cols-4 xl:grid-cols-8"
    >
      {figures.map(figure => (
        <Tile key={figure.label} figure={figure} foot={footOf(figure.label, overview.now.requests)} />
      ))}
    </section>
  )
}

function footOf(label: string, requests: number): ReactNode {
  if (label === 'Rate') return <Count requests={requests} />
  return label === 'In flight' ? <span className="text-faint">at this moment</span> : null
}

function Count({ requests }: { requests: number }) {
  return (
    <span className="truncate font-mono text-faint" data-figure="requests" data-value={requests}>
      {format.formatExact(requests)} in all
    </span>
  )
}

function Tile({ figure, foot }: { figure: Figure; foot: ReactNode }) {
  const { label, value, change, title, second, values, token, filter } = figure
  return (
    <div className="-mt-px -ml-px flex min-h-[92px] min-w-0 flex-col border-t border-l px-3 pt-2 pb-2">
      <div className="flex items-baseline justify-between gap-2 text-table text-muted">
        <span>{label}</span>
        <span className="font-mono text-axis text-faint" title={title}>
          {change}
        </span>
      </div>
      <div
        className="text-figure leading-7 font-semibold tracking-tight whitespace-nowrap"
        title={title}
        data-figure={label}
      >
        {filter === undefined || value === format.MISSING ? (
          value
        ) : (
          <FilterValue {...filter}>{value}</FilterValue>
        )}
      </div>
      <div className="mt-auto flex h-5 items-end gap-2 text-axis">
        {foot}
        {values.length > 1 && (
          <div className="min-w-0 flex-1">
            <Sparkline values={values} {...(token === undefined ? {} : { token })} height={18} fluid />
          </div>
        )}
        {second !== '' && second !== format.MISSING && label !== 'Rate' && (
          <span className="shrink-0 font-mono text-faint" title="this second">
            {second}
          </span>
        )}
      </div>
    </div>
  )
}
