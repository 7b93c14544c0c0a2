// One part of the filter: press it to rewrite it, or its cross to take it away.
import { X } from 'lucide-react'
import { type Chip, formatChip } from '../lib/filter.ts'

interface Props {
  chip: Chip
  onEdit: () => void
  onRemove: () => void
}

export function FilterChip({ chip, onEdit, onRemove }: Props) {
  return (
    <span className="inline-flex h-6 max-w-full items-center rounded border bg-panel font-mono text-table">
      <button type="button" className="max-w-72 truncate pl-2" title="Click to rewrite" onClick={onEdit}>
        {chip.negated && <span className="text-error">−</span>}
        {chip.field !== '' && <span className="text-muted">{chip.field}:</span>}
        {chip.value}
      </button>
      <button
        type="button"
        className="flex size-6 items-center justify-center text-faint hover:text-text"
        aria-label={`Remove ${formatChip(chip)}`}
        onClick={onRemove}
      >
        <X size={12} aria-hidden="true" />
      </button>
    </span>
  )
}
