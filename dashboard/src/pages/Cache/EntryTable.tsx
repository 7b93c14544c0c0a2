// The stored responses as rows: key and variant, how fresh, how large, how much they saved.
import { Trash2 } from 'lucide-react'
import type { CacheEntry } from '../../../../control/admin/contract-cache.ts'
import { now } from '../../api/clock.ts'
import { formatAge, formatBytes, formatCount, formatExact } from '../../lib/format.ts'
import { fullTime, relativeTime } from '../../lib/time.ts'
import type { PurgeStart } from './PurgeDialog.tsx'

const HEAD = 'px-3 font-medium whitespace-nowrap max-sm:px-2'
const NUMBER = 'px-3 text-right font-mono whitespace-nowrap max-sm:px-2'
/** Tags shown of one entry. */
const TAGS = 3

interface Props {
  rows: readonly CacheEntry[]
  onTag: (tag: string) => void
  onPurge: (start: PurgeStart) => void
}

export function EntryTable({ rows, onTag, onPurge }: Props) {
  return (
    <table className="w-full table-fixed text-table">
      <thead className="text-left text-muted">
        <tr className="h-7">
          <th className={HEAD}>Key</th>
          <th className={`${HEAD} w-[20%] max-lg:hidden`}>Tags</th>
          <th className={`${HEAD} w-[72px] text-right max-md:hidden`}>Age</th>
          <th className={`${HEAD} w-[88px] text-right`}>Fresh for</th>
          <th className={`${HEAD} w-[76px] text-right max-sm:hidden`}>Size</th>
          <th className={`${HEAD} w-[64px] text-right max-sm:hidden`}>Hits</th>
          <th className={`${HEAD} w-[84px] text-right max-md:hidden`}>Saved</th>
          <th className={`${HEAD} w-[92px] text-right max-lg:hidden`}>Last used</th>
          <th className="w-10">
            <span className="sr-only">Purge</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <Row key={row.id} row={row} onTag={onTag} onPurge={onPurge} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ row, onTag, onPurge }: { row: CacheEntry } & Omit<Props, 'rows'>) {
  return (
    <tr className="h-8 border-t hover:bg-hover">
      <td className="px-3 max-sm:px-2">
        <Key row={row} />
      </td>
      <td className="px-3 max-lg:hidden">
        <span className="flex min-w-0 gap-2 overflow-hidden" title={row.tags.join(', ')}>
          {row.tags.slice(0, TAGS).map(tag => (
            <button
              key={tag}
              type="button"
              className="filterable min-w-0 truncate font-mono text-muted"
              onClick={() => onTag(tag)}
            >
              {tag}
            </button>
          ))}
          {row.tags.length > TAGS && <span className="text-faint">+{row.tags.length - TAGS}</span>}
        </span>
      </td>
      <td className={`${NUMBER} max-md:hidden`}>{formatAge(row.ageS)}</td>
      <td className={NUMBER}>
        {row.ttlS > 0 ? formatAge(row.ttlS) : <span className="text-stale">stale</span>}
      </td>
      <td className={`${NUMBER} max-sm:hidden`} title={`${formatExact(row.bytes)} bytes`}>
        {formatBytes(row.bytes)}
      </td>
      <td
        className={`${NUMBER} max-sm:hidden`}
        title={
          row.copies > 0
            ? `in the memory of ${row.copies} ${row.copies === 1 ? 'worker' : 'workers'}`
            : undefined
        }
      >
        {formatCount(row.hits)}
      </td>
      <td className={`${NUMBER} max-md:hidden`}>{formatBytes(row.savedBytes)}</td>
      <td className={`${NUMBER} text-muted max-lg:hidden`} title={fullTime(row.usedAt)}>
        {relativeTime(row.usedAt, now())}
      </td>
      <td className="text-center">
        <button
          type="button"
          className="icon-button"
          aria-label={`Purge ${row.url}`}
          title="Purge…"
          onClick={() => onPurge({ by: 'url', text: row.url })}
        >
          <Trash2 size={13} aria-hidden="true" />
        </button>
      </td>
    </tr>
  )
}

/** Scheme and host muted; what tells the variants apart behind it. */
function Key({ row }: { row: CacheEntry }) {
  const path = row.url.indexOf('/', row.url.indexOf('//') + 2)
  const variant = row.vary.length === 0 ? '' : `${row.vary.join(', ')}: ${row.variant || '–'}`
  return (
    <span className="flex min-w-0 items-baseline gap-2 font-mono" title={`${row.url}\n${variant}`}>
      <span className="min-w-0 truncate">
        <span className="text-muted max-sm:hidden">{row.url.slice(0, path)}</span>
        {row.url.slice(path)}
      </span>
      {row.status !== 200 && <span className="shrink-0 text-muted">{row.status}</span>}
      {variant !== '' && <span className="max-w-[40%] shrink-0 truncate text-faint">{variant}</span>}
    </span>
  )
}
