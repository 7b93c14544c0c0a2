// The line over the list: how many there are, what is not shown, and the switches.
import { PanelLeft } from 'lucide-react'
import { TableToggle } from '../../charts/DataTable.tsx'
import { formatExact } from '../../lib/format.ts'

interface Props {
  facetsOpen: boolean
  toggleFacets: () => void
  asTable: boolean
  setAsTable: (on: boolean) => void
  total: number | null
  /** Rows in the list so far. */
  known: number
  skipped: number
}

export function Toolbar({ facetsOpen, toggleFacets, asTable, setAsTable, total, known, skipped }: Props) {
  return (
    <div className="flex h-9 shrink-0 items-center gap-3 px-3 text-table">
      <button
        type="button"
        className="icon-button -ml-1.5"
        aria-pressed={facetsOpen}
        title="Frequent values"
        aria-label="Frequent values"
        onClick={toggleFacets}
      >
        <PanelLeft size={15} aria-hidden="true" />
      </button>
      {total === null ? (
        <span className="text-muted" title="The filter asks for more than the counts know; scroll for more">
          {known === 0 ? '' : `${formatExact(known)} so far`}
        </span>
      ) : (
        <span>
          <span className="font-semibold" data-figure="total" data-value={total}>
            {formatExact(total)}
          </span>{' '}
          <span className="text-muted">{total === 1 ? 'request' : 'requests'}</span>
        </span>
      )}
      {skipped > 0 && (
        <span className="text-muted">
          Too many to show each one live: the list has some, the count has all.
        </span>
      )}
      <span className="ml-auto">
        <TableToggle on={asTable} onChange={setAsTable} of="Requests over time" />
      </span>
    </div>
  )
}
