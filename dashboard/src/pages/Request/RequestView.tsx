// One request, whole: the line that names it, the waterfall, the details. Used by its page and by the drawer.
import type { ReactNode } from 'react'
import type { ExchangeDetail } from '../../../../control/admin/contract.ts'
import { useExchange } from '../../api/queries.ts'
import { FilterValue } from '../../components/FilterValue.tsx'
import { Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { CacheVerdict, StatusCode } from '../../components/StatusCode.tsx'
import { formatBytes, formatDuration } from '../../lib/format.ts'
import { fullTime, preciseClock } from '../../lib/time.ts'
import { CopyMenu } from './CopyMenu.tsx'
import { Siblings } from './Siblings.tsx'
import { RequestTabs } from './Tabs.tsx'
import { Waterfall } from './Waterfall.tsx'

interface Props {
  id: string
  /** Buttons beside the copy menu. */
  actions?: ReactNode
  /** In the drawer, where there is less room. */
  compact?: boolean
}

export function RequestView({ id, actions, compact = false }: Props) {
  const exchange = useExchange(id)
  const detail = exchange.data
  if (exchange.error !== null && (detail === undefined || detail.id !== id)) {
    return (
      <>
        <div className="flex justify-end p-2">{actions}</div>
        <Problem error={exchange.error} onRetry={() => exchange.refetch()} />
      </>
    )
  }
  if (detail === undefined) return <Loading />
  return (
    <article className="@container relative" aria-label="Request" aria-busy={exchange.isPlaceholderData}>
      <Head detail={detail} actions={actions} compact={compact} />
      <div className="border-b pb-1">
        <Waterfall detail={detail} compact={compact} />
      </div>
      <RequestTabs detail={detail} />
      <Siblings detail={detail} />
    </article>
  )
}

function Head({
  detail,
  actions,
  compact,
}: {
  detail: ExchangeDetail
  actions: ReactNode
  compact: boolean
}) {
  const query = detail.query === '' ? '' : `?${detail.query}`
  const Title = compact ? 'h2' : 'h1'
  return (
    <header className="flex flex-col gap-2 border-b p-3">
      <div className="flex items-start gap-2">
        <Title
          className={`min-w-0 flex-1 font-mono break-all ${compact ? 'text-body' : 'text-[15px]'} font-medium`}
        >
          <span className="mr-2 text-muted">{detail.method}</span>
          {detail.path}
          <span className="text-faint">{query}</span>
        </Title>
        <div className="flex shrink-0 items-center gap-1">
          <CopyMenu detail={detail} />
          {actions}
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2.5 text-table">
        <FilterValue field="status" value={String(detail.status)}>
          <StatusCode status={detail.status} aborted={detail.aborted} />
        </FilterValue>
        {detail.grpcStatus !== null && (
          <FilterValue
            field="grpc"
            value={detail.grpcStatus.name}
            className={`font-mono ${detail.grpcStatus.code === 0 ? '' : 'text-error'}`}
          >
            gRPC {detail.grpcStatus.code} {detail.grpcStatus.name}
          </FilterValue>
        )}
        <span className="font-mono font-medium">{formatDuration(detail.durationUs)}</span>
        <FilterValue field="route" value={detail.route} className="max-w-full truncate font-mono">
          {detail.route}
        </FilterValue>
        {detail.upstream !== '' && (
          <FilterValue field="upstream" value={detail.upstream} className="font-mono">
            {detail.upstream}
          </FilterValue>
        )}
        {detail.cache !== 'none' && (
          <FilterValue field="cache" value={detail.cache}>
            <CacheVerdict verdict={detail.cache} />
          </FilterValue>
        )}
        <span className="font-mono">{formatBytes(detail.outBytes)}</span>
        <span className="font-mono text-muted" title={fullTime(detail.at)}>
          {preciseClock(detail.at)}
        </span>
        <FilterValue
          field="trace"
          value={detail.traceId}
          className="font-mono text-muted"
          title={detail.traceId}
        >
          {detail.traceId.slice(0, 8)}…
        </FilterValue>
      </div>
      {(detail.error !== '' || detail.errorText !== '') && (
        <p className="text-error">
          ■ <span className="font-mono text-table">{detail.error}</span>{' '}
          {detail.reject === '' ? (
            detail.errorText
          ) : (
            <FilterValue field="reject" value={detail.reject}>
              {detail.errorText}
            </FilterValue>
          )}
        </p>
      )}
    </header>
  )
}

function Loading() {
  return (
    <div className="flex flex-col gap-3 p-3" aria-busy="true">
      <Skeleton className="h-6 w-2/3" />
      <Skeleton className="h-4 w-1/2" />
      <Skeleton className="h-56" />
    </div>
  )
}
