// A surface with a title row; its content keeps its height while it loads.
import type { ReactNode } from 'react'

interface Props {
  title: string
  /** Right of the title. */
  actions?: ReactNode
  children: ReactNode
  className?: string
  busy?: boolean
}

export function Panel({ title, actions, children, className = '', busy = false }: Props) {
  return (
    <section className={`panel relative min-w-0 ${className}`} aria-label={title} aria-busy={busy}>
      <header className="flex min-h-9 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1">
        <h2 className="text-table font-semibold">{title}</h2>
        <div className="ml-auto flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1 text-table">
          {actions}
        </div>
      </header>
      {children}
    </section>
  )
}

export function Skeleton({ className = '' }: { className?: string }) {
  return <div aria-hidden="true" className={`skeleton ${className}`} />
}
