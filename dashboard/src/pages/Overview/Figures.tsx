// The header figures: eight numbers with their change, their shape and what they are this second.
import type { ReactNode } from 'react'
import type { Overview, Series } from '../../../../control/admin/contract.ts'
import { useTick } from '../../api/live.ts'
import { Sparkline } from '../../charts/Sparkline.tsx'
import { FilterValue } from '../../components/FilterValue.tsx'
import { formatExact, MISSING } from '../../lib/format.ts'
import { useScope } from '../../lib/scope.ts'
import { type Figure, figuresOf } from './figureList.ts'

export function Figures({ overview, series }: { overview: Overview; series: Series | undefined }) {
  const { live, q } = useScope()
  const tick = useTick()
  // Ticks count all traffic: under a filter they would not be the figure's own second.
  const figures = figuresOf({ overview, series, tick: live && q === '' ? tick : null })
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
      {formatExact(requests)} in all
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
        {filter === undefined || value === MISSING ? value : <FilterValue {...filter}>{value}</FilterValue>}
      </div>
      <div className="mt-auto flex h-5 items-end gap-2 text-axis">
        {foot}
        {values.length > 1 && (
          <div className="min-w-0 flex-1">
            <Sparkline values={values} {...(token === undefined ? {} : { token })} height={18} fluid />
          </div>
        )}
        {second !== '' && label !== 'Rate' && (
          <span className="shrink-0 font-mono text-faint" title="this second">
            {second}
          </span>
        )}
      </div>
    </div>
  )
}
