// An error in its place: what was asked, what came back, and the way to ask again.
import { RotateCw, TriangleAlert } from 'lucide-react'
import { ApiProblem } from '../api/client.ts'

interface Props {
  error: Error
  onRetry: () => void
  className?: string
}

export function Problem({ error, onRetry, className = '' }: Props) {
  const call = error instanceof ApiProblem ? error.call : ''
  return (
    <div role="alert" className={`flex flex-col items-start gap-2 p-3 ${className}`}>
      <p className="flex items-center gap-2 font-medium">
        <TriangleAlert size={14} className="shrink-0 text-error" aria-hidden="true" />
        {sentence(error.message)}
      </p>
      {call !== '' && <code className="font-mono text-table text-muted">{call}</code>}
      <button type="button" className="button" onClick={onRetry}>
        <RotateCw size={13} aria-hidden="true" /> Try again
      </button>
    </div>
  )
}

const sentence = (message: string) => message.charAt(0).toUpperCase() + message.slice(1)
