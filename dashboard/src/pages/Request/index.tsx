// A request on a page of its own.
import { ArrowLeft } from 'lucide-react'
import { useParams } from 'wouter'
import { useScope } from '../../lib/scope.ts'
import { RequestView } from './RequestView.tsx'

export default function RequestPage() {
  const { id = '' } = useParams<{ id: string }>()
  const { go } = useScope()
  return (
    <div className="mx-auto max-w-[1680px] p-3">
      <button
        type="button"
        className="mb-2 inline-flex items-center gap-1.5 text-muted hover:text-text"
        onClick={() => go('/requests')}
      >
        <ArrowLeft size={14} aria-hidden="true" /> Requests
      </button>
      <div className="panel">
        <RequestView id={id} />
      </div>
    </div>
  )
}
