// The cache in six numbers: what it answered, what that saved, and what it holds.
import type { ReactNode } from 'react'
import type { CacheAdvice, CacheDisk } from '../../../../control/admin/contract-cache.ts'
import { formatBytes, formatCount, formatExact, formatShare } from '../../lib/format.ts'

interface Props {
  routes: readonly CacheAdvice[]
  /** Undefined: not known yet; null: there is none. */
  disk: CacheDisk | null | undefined
}

export function Figures({ routes, disk }: Props) {
  const sum = (of: (route: CacheAdvice) => number) => routes.reduce((all, route) => all + of(route), 0)
  const [cached, missed] = [sum(route => route.cached), sum(route => route.missed)]
  const saved = sum(route => route.cachedBytes)
  const share = cached + missed === 0 ? null : cached / (cached + missed)
  return (
    <section
      aria-label="Figures"
      className="panel grid grid-cols-2 overflow-hidden sm:grid-cols-3 xl:grid-cols-6"
    >
      <Tile label="Answered here" value={formatShare(share)}>
        of what could have been
      </Tile>
      <Tile label="Requests saved" value={formatCount(cached)} title={formatExact(cached)}>
        upstreams were not asked
      </Tile>
      <Tile label="Bytes saved" value={formatBytes(saved)} title={`${formatExact(saved)} bytes`}>
        sent without an upstream
      </Tile>
      <Tile label="On disk" value={disk == null ? '–' : formatBytes(disk.bytes)}>
        {disk == null ? 'no disk tier' : <Meter used={disk.bytes} of={disk.budgetBytes} />}
      </Tile>
      <Tile label="Entries on disk" value={disk == null ? '–' : formatCount(disk.entries)}>
        {disk == null ? '' : `${formatCount(disk.evictions)} gave way since the start`}
      </Tile>
      <Tile label="Disk hits" value={disk == null ? '–' : formatCount(disk.hits)}>
        {disk == null ? '' : `${formatCount(disk.misses)} lookups found nothing`}
      </Tile>
    </section>
  )
}

function Tile({
  label,
  value,
  title,
  children,
}: {
  label: string
  value: string
  title?: string
  children: ReactNode
}) {
  return (
    <div className="-mt-px -ml-px flex min-h-[84px] min-w-0 flex-col border-t border-l px-3 pt-2 pb-2">
      <span className="text-table text-muted">{label}</span>
      <span className="text-figure leading-7 font-semibold tracking-tight whitespace-nowrap" title={title}>
        {value}
      </span>
      <span className="mt-auto min-w-0 text-axis text-faint">{children}</span>
    </div>
  )
}

function Meter({ used, of }: { used: number; of: number }) {
  const share = of === 0 ? 0 : Math.min(1, used / of)
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden="true" className="h-1.5 flex-1 overflow-hidden rounded-full bg-line">
        <span className="block h-full rounded-full bg-accent" style={{ width: `${share * 100}%` }} />
      </span>
      <span className="whitespace-nowrap">of {formatBytes(of)}</span>
    </span>
  )
}
