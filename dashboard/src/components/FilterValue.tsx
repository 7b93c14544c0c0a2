// A value that filters by itself when clicked; with Alt it excludes.
import type { MouseEvent, ReactNode } from 'react'
import { type Chip, chipOf } from '../lib/filter.ts'
import { useFilter } from '../lib/scope.ts'

interface Props {
  field: string
  value: string
  /** Set along with it: the row that a cell belongs to. Exclusion leaves it alone. */
  within?: Chip
  children: ReactNode
  className?: string
  title?: string
  label?: string
  /** Off the tab order inside lists that have their own keys. */
  inList?: boolean
}

export function FilterValue({
  field,
  value,
  within,
  children,
  className = '',
  title,
  label,
  inList = false,
}: Props) {
  const { toggle, add } = useFilter()
  const click = (event: MouseEvent) => {
    event.stopPropagation()
    const chip = chipOf(field, value, event.altKey)
    if (within === undefined) toggle(chip)
    else add([within, chip])
  }
  const hint = `${field}:${value} – click filters, Alt-click excludes`
  return (
    <button
      type="button"
      className={`filterable ${className}`}
      title={title === undefined ? hint : `${title}\n${hint}`}
      aria-label={label}
      tabIndex={inList ? -1 : undefined}
      onClick={click}
    >
      {children}
    </button>
  )
}
