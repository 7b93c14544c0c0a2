// Requests: the live tail, its histogram and facets, and the selected request beside it.
import { useCallback, useState } from 'react'
import type { ExchangeRow } from '../../../../control/admin/contract.ts'
import { Content } from './Content.tsx'
import { Drawer } from './Drawer.tsx'
import { FacetPanel } from './FacetPanel.tsx'
import { Toolbar } from './Toolbar.tsx'
import { useFacetsOpen } from './useFacetsOpen.ts'
import { useListKeys } from './useListKeys.ts'
import { useRows } from './useRows.ts'
import { useSelection } from './useSelection.ts'

export default function RequestsPage() {
  const [facetsOpen, toggleFacets] = useFacetsOpen()
  const [asTable, setAsTable] = useState(false)
  const [looking, setLooking] = useState(false)
  const [cursor, setCursor] = useState('')
  const [toTop, setToTop] = useState(0)
  const selection = useSelection()
  const list = useRows(looking || cursor !== '')
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
  return (
    <div className="relative flex h-full min-h-[420px]">
      <h1 className="sr-only">Requests</h1>
      {facetsOpen && <FacetPanel />}
      <div className="relative flex min-w-0 flex-1 flex-col">
        <Toolbar
          {...{ facetsOpen, toggleFacets, asTable, setAsTable }}
          total={list.newest.data?.total ?? null}
          known={list.rows.length}
          skipped={list.skipped}
        />
        <Content {...{ list, asTable, cursor, open, resume }} onHold={setLooking} toTop={toTop} />
      </div>
      {selection.id !== '' && <Drawer id={selection.id} onClose={selection.close} />}
    </div>
  )
}
