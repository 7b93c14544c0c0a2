// Counts what came while the view was held; pressing it goes on.
import { ArrowUp } from 'lucide-react'
import { formatCount } from '../../lib/format.ts'

export function Pill({ waiting, onResume }: { waiting: number; onResume: () => void }) {
  if (waiting === 0) return null
  return (
    <button
      type="button"
      className="button-primary absolute top-0.5 left-1/2 z-20 inline-flex h-6 -translate-x-1/2 items-center gap-1.5 rounded-full border px-3 text-table font-semibold"
      onClick={onResume}
    >
      <ArrowUp size={13} aria-hidden="true" /> {formatCount(waiting)} new
    </button>
  )
}
