// What stands under the toolbar: histogram and list, or why there are none.
import { useMemo } from 'react'
import type { ExchangeRow } from '../../../../control/admin/contract.ts'
import { isFilterProblem } from '../../api/client.ts'
import { now } from '../../api/clock.ts'
import { NoRequests, UnreadFilter } from '../../components/Empty.tsx'
import { Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { useScope } from '../../lib/scope.ts'
import { resolveRange } from '../../lib/time.ts'
import { Histogram } from './Histogram.tsx'
import { List } from './List.tsx'
import { Pill } from './Pill.tsx'
import type { useRows } from './useRows.ts'

interface Props {
  list: ReturnType<typeof useRows>
  asTable: boolean
  cursor: string
  open: (row: ExchangeRow) => void
  resume: () => void
  onHold: (held: boolean) => void
  toTop: number
}

export function Content({ list, asTable, cursor, open, resume, onHold, toTop }: Props) {
  const { scope } = useScope()
  const { data: page, error, refetch } = list.newest
  // Anew with every answer: the histogram's right edge is the clock's.
  const span = useMemo(() => (page === undefined ? null : resolveRange(scope, now())), [page, scope])
  const broken = error !== null && !isFilterProblem(error)
  if (page === undefined || span === null) {
    if (broken) return <Problem error={error} onRetry={refetch} className="border-t" />
    return error === null ? <Skeleton className="m-3 flex-1" /> : <UnreadFilter />
  }
  const empty = !list.stale && list.rows.length === 0
  return (
    <>
      <Histogram histogram={page.histogram} span={span} asTable={asTable} />
      {broken && <Problem error={error} onRetry={refetch} className="border-t" />}
      {empty && !broken && <NoRequests />}
      {!empty && (
        <div className="relative flex min-h-0 flex-1 flex-col border-t bg-panel">
          <Pill waiting={list.waiting.length} onResume={resume} />
          <List
            rows={list.rows}
            total={page.total}
            onOpen={open}
            onNearEnd={list.loadOlder}
            {...{ cursor, onHold, toTop }}
          />
          {list.olderError !== null && (
            <Problem error={list.olderError} onRetry={list.loadOlder} className="border-t" />
          )}
        </div>
      )}
    </>
  )
}
