// The keys of the list: j and k move, Enter opens, x excludes, c copies, Escape lets go.
import type { ExchangeRow } from '../../../../control/admin/contract.ts'
import { chipOf } from '../../lib/filter.ts'
import { useHotkeys } from '../../lib/hotkeys.ts'
import { useFilter } from '../../lib/scope.ts'
import { requestLink } from '../Request/CopyMenu.tsx'

interface Input {
  rows: readonly ExchangeRow[]
  /** The id of the row that the keys are about; '' without one. */
  cursor: string
  setCursor: (id: string) => void
  open: (row: ExchangeRow) => void
  close: () => void
}

export function useListKeys({ rows, cursor, setCursor, open, close }: Input): void {
  const { toggle } = useFilter()
  const index = rows.findIndex(row => row.id === cursor)
  const row = rows[index]
  const move = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index === -1 ? 0 : index + by))]
    if (next !== undefined) setCursor(next.id)
  }
  useHotkeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => (row === undefined ? false : open(row)),
    x: () => row !== undefined && toggle(chipOf('path', row.path, true)),
    c: () => row !== undefined && navigator.clipboard.writeText(requestLink(row.id)),
    Escape: close,
  })
}
