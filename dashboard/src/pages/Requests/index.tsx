// Requests: the live tail, its histogram and facets, and the selected request beside it.
import { useCallback, useMemo, useState } from 'react'
import type { ExchangeRow } from '../../../../control/admin/contract.ts'
import { isFilterProblem } from '../../api/client.ts'
import { now } from '../../api/clock.ts'
import { NoRequests, UnreadFilter } from '../../components/Empty.tsx'
import { Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { useScope } from '../../lib/scope.ts'
import { resolveRange } from '../../lib/time.ts'
import { Drawer } from './Drawer.tsx'
import { FacetPanel } from './FacetPanel.tsx'
import { Histogram } from './Histogram.tsx'
import { List } from './List.tsx'
import { Pill } from './Pill.tsx'
import { Toolbar } from './Toolbar.tsx'
import { useFacetsOpen } from './useFacetsOpen.ts'
import { useListKeys } from './useListKeys.ts'
import { useRows } from './useRows.ts'
import { useSelection } from './useSelection.ts'

export default function RequestsPage() {
  const { scope } = useScope()
  const [facetsOpen, toggleFacets] = useFacetsOpen()
  const [asTable, setAsTable] = useState(false)
  const [looking, setLooking] = useState(false)
  const [cursor, setCursor] = useState('')
  const [toTop, setToTop] = useState(0)
  const selection = useSelection()
  const list = useRows(looking || cursor !== '')
  const page = list.newest.data
  const open = useCallback(
    (row: ExchangeRow) => {
      setCursor(row.id)
      selection.open(row.id)
    },
    [selection.open],
  )
  const close = () => {
    setCursor('')
    selection.close()
  }
  useListKeys({ rows: list.rows, cursor, setCursor, open, close })
  const resume = () => {
    setCursor('')
    setToTop(count => count + 1)
    list.release()
  }
  // The query's span moves with every answer: the histogram's right edge is the clock's.
  const span = useMemo(() => (page === undefined ? null : resolveRange(scope, now())), [page, scope])
  const broken = list.newest.error !== null && !isFilterProblem(list.newest.error)
  const empty = page !== undefined && !list.stale && list.rows.length === 0
  return (
    <div className="relative flex h-full min-h-[420px]">
      <h1 className="sr-only">Requests</h1>
      {facetsOpen && <FacetPanel />}
      <div className="relative flex min-w-0 flex-1 flex-col">
        <Toolbar
          {...{ facetsOpen, toggleFacets, asTable, setAsTable }}
          total={page?.total ?? null}
          known={list.rows.length}
          skipped={list.skipped}
        />
        {page !== undefined && span !== null && (
          <Histogram histogram={page.histogram} span={span} asTable={asTable} />
        )}
        {broken && (
          <Problem error={list.newest.error!} onRetry={() => list.newest.refetch()} className="border-t" />
        )}
        {page === undefined && list.newest.error === null && <Skeleton className="m-3 flex-1" />}
        {page === undefined && list.newest.error !== null && !broken && <UnreadFilter />}
        {empty && !broken && <NoRequests />}
        {page !== undefined && !empty && (
          <div className="relative flex min-h-0 flex-1 flex-col border-t bg-panel">
            <Pill waiting={list.waiting.length} onResume={resume} />
            <List
              rows={list.rows}
              total={page.total}
              cursor={cursor}
              onHold={setLooking}
              onOpen={open}
              onNearEnd={list.loadOlder}
              toTop={toTop}
            />
            {list.olderError !== null && (
              <Problem error={list.olderError} onRetry={list.loadOlder} className="border-t" />
            )}
          </div>
        )}
      </div>
      {selection.id !== '' && <Drawer id={selection.id} onClose={selection.close} />}
    </div>
  )
}
