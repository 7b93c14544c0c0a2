// The other requests of the same trace.
import { Link } from 'wouter'
import type { ExchangeDetail } from '../../../../control/admin/contract.ts'
import { StatusCode } from '../../components/StatusCode.tsx'
import { formatDuration } from '../../lib/format.ts'
import { useScope, writeScope } from '../../lib/scope.ts'
import { preciseClock } from '../../lib/time.ts'

export function Siblings({ detail }: { detail: ExchangeDetail }) {
  const { scope } = useScope()
  if (detail.siblings.length === 0) return null
  return (
    <section aria-label="Same trace" className="border-t">
      <h2 className="px-3 pt-2.5 pb-1 text-table font-semibold">Others in this trace</h2>
      <ul className="pb-2 text-table">
        {detail.siblings.map(row => (
          <li key={row.id}>
            <Link
              href={`/requests/${encodeURIComponent(row.id)}${writeScope(scope)}`}
              className="flex h-7 items-center gap-3 px-3 font-mono hover:bg-hover"
            >
              <span className="shrink-0 text-muted">{preciseClock(row.at)}</span>
              <StatusCode status={row.status} aborted={row.aborted} />
              <span className="min-w-0 flex-1 truncate">
                {row.method} <span className="text-muted">{row.host}</span>
                {row.path}
              </span>
              <span className="shrink-0">{formatDuration(row.durationUs)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
