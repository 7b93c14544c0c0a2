// The explorer: what lies on disk, or in the workers' memory, narrowed by host, prefix or tag, and the way to take it out.
import { Trash2 } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { CacheEntryPage, CacheSort } from '../../../../control/admin/contract-cache.ts'
import { useCacheEntries, type Wanted } from '../../api/cache.ts'
import { Empty } from '../../components/Empty.tsx'
import { Panel, Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { formatCount } from '../../lib/format.ts'
import { EntryTable } from './EntryTable.tsx'
import { PurgeDialog, type PurgeStart } from './PurgeDialog.tsx'

const PAGE = 50
const KINDS: Record<Wanted['by'], string> = { prefix: 'URL begins with', host: 'Host', tag: 'Tag' }
const TIERS: Record<Wanted['tier'], string> = { disk: 'On disk', memory: 'In memory' }
const SORTS: Record<CacheSort, string> = {
  used: 'last used',
  saved: 'bytes saved',
  size: 'size',
  stored: 'last stored',
}

export function Explorer() {
  const [wanted, setWanted] = useState<Wanted>({ by: 'prefix', text: '', sort: 'used', tier: 'disk' })
  const [pages, setPages] = useState<string[]>([])
  const [purging, setPurging] = useState<PurgeStart | null>(null)
  const asked = useDeferredValue(wanted)
  const { data, error, refetch } = useCacheEntries(asked, pages.at(-1) ?? null, PAGE)
  const change = (patch: Partial<Wanted>) => {
    setWanted({ ...wanted, ...patch })
    setPages([])
  }
  const narrowed = wanted.text !== ''
  return (
    <Panel
      title="Stored responses"
      actions={
        <>
          <Narrow wanted={wanted} onChange={change} />
          <button
            type="button"
            className="button"
            onClick={() => setPurging({ by: wanted.by, text: wanted.text })}
          >
            <Trash2 size={13} aria-hidden="true" /> Purge…
          </button>
        </>
      }
    >
      {data === undefined && error === null && <Skeleton className="m-3 h-40" />}
      {error !== null && <Problem error={error} onRetry={() => refetch()} />}
      {data !== undefined && data.rows.length === 0 && (
        <Nothing listed={data.listed} narrowed={narrowed} onClear={() => change({ text: '' })} />
      )}
      {data !== undefined && data.rows.length > 0 && (
        <>
          <EntryTable rows={data.rows} onTag={tag => change({ by: 'tag', text: tag })} onPurge={setPurging} />
          <div className="flex items-center gap-3 border-t px-3 py-1.5 text-table text-muted">
            <span>{totalOf(data, wanted)}</span>
            <button
              type="button"
              className="button ml-auto"
              disabled={pages.length === 0}
              onClick={() => setPages(pages.slice(0, -1))}
            >
              Back
            </button>
            <button
              type="button"
              className="button"
              disabled={data.next === null}
              onClick={() => data.next !== null && setPages([...pages, data.next])}
            >
              More
            </button>
          </div>
        </>
      )}
      {purging !== null && <PurgeDialog start={purging} onClose={() => setPurging(null)} />}
    </Panel>
  )
}

function totalOf({ total, rows }: CacheEntryPage, { tier }: Wanted): string {
  if (total !== null) return `${formatCount(total)} in all`
  return tier === 'disk' ? 'very many in all' : `the first ${rows.length} of more`
}

function Narrow({ wanted, onChange }: { wanted: Wanted; onChange: (patch: Partial<Wanted>) => void }) {
  return (
    <>
      <select
        aria-label="Where"
        className="field"
        value={wanted.tier}
        onChange={event => onChange({ tier: event.target.value as Wanted['tier'] })}
      >
        {Object.entries(TIERS).map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
      <select
        aria-label="Narrow by"
        className="field"
        value={wanted.by}
        onChange={event => onChange({ by: event.target.value as Wanted['by'] })}
      >
        {Object.entries(KINDS).map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
      <input
        aria-label={KINDS[wanted.by]}
        placeholder="all"
        className="field w-56 max-w-full font-mono"
        value={wanted.text}
        onChange={event => onChange({ text: event.target.value.trim() })}
      />
      <select
        aria-label="Order"
        className="field"
        value={wanted.sort}
        onChange={event => onChange({ sort: event.target.value as CacheSort })}
      >
        {Object.entries(SORTS).map(([value, word]) => (
          <option key={value} value={value}>
            by {word}
          </option>
        ))}
      </select>
    </>
  )
}

function Nothing({ listed, narrowed, onClear }: { listed: boolean; narrowed: boolean; onClear: () => void }) {
  if (narrowed) {
    return (
      <Empty title="Nothing that is stored matches.">
        <button type="button" className="button" onClick={onClear}>
          Show all
        </button>
      </Empty>
    )
  }
  if (!listed) {
    return (
      <Empty title="There is no cache on disk to list.">
        <p className="text-muted">
          Answers stay in each worker’s memory: choose that to see them. Set{' '}
          <code className="font-mono">cache: {'{ disk: 1gb }'}</code> in the configuration and restart to keep
          and list them.
        </p>
      </Empty>
    )
  }
  return (
    <Empty title="Nothing is stored yet.">
      <p className="text-muted">
        A route with <code className="font-mono">cache: true</code> stores what its origin marks fresh, such
        as <code className="font-mono">Cache-Control: max-age=60</code>.
      </p>
    </Empty>
  )
}
