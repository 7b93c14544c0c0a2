// The questions the pages ask, as hooks: kept while new answers come, asked again every 2 s while live.
import { keepPreviousData, QueryClient, useMutation, useQuery } from '@tanstack/react-query'
import type {
  ExchangeDetail,
  ExchangePage,
  ExplainRequest,
  Explanation,
  Facets,
  Heatmap,
  Overview,
  ReloadOutcome,
  Series,
  SeriesBy,
  Trace,
  UpstreamRow,
} from '../../../control/admin/contract.ts'
import type { Status } from '../../../control/admin/contract-status.ts'
import { type ScopeState, useScope } from '../lib/scope.ts'
import { isLive, resolveRange } from '../lib/time.ts'
import { ApiProblem, get, isFilterProblem, type Params, postApi } from './client.ts'
import { learnServerTime, now } from './clock.ts'

const POLL_MS = 2000
const SLOW_POLL_MS = 5000

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) =>
        failures < 1 && !(error instanceof ApiProblem && error.status >= 400 && error.status < 500),
      retryDelay: 500,
      staleTime: 1000,
      refetchOnWindowFocus: false,
    },
  },
})

/** The scope as the API takes it; "now" is resolved at the moment of asking. */
export function scopeParams(scope: ScopeState): Params {
  const span = resolveRange(scope, now())
  return { from: Math.round(span.from), to: Math.round(span.to), q: scope.q }
}

/** A question about the scope. `every`: how often it is asked again while live. */
function useScoped<T>(path: string, extra: Params = {}, every = POLL_MS, enabled = true) {
  const { scope } = useScope()
  return useQuery({
    queryKey: [path, extra, scope],
    queryFn: ({ signal }) => get<T>(path, { ...scopeParams(scope), ...extra }, signal),
    placeholderData: keepPreviousData,
    enabled,
    // Asking again does not make a wrong filter right.
    refetchInterval: query => (isLive(scope) && !isFilterProblem(query.state.error) ? every : false),
  })
}

export const useOverview = () => useScoped<Overview>('/overview')
export const useSeries = (by: SeriesBy) => useScoped<Series>('/series', { by })
export const useHeatmap = () => useScoped<Heatmap>('/heatmap')
export const useUpstreams = () => useScoped<UpstreamRow[]>('/upstreams')
export const useFacets = (enabled: boolean) => useScoped<Facets>('/facets', {}, SLOW_POLL_MS, enabled)
export const useNewestExchanges = (limit: number) => useScoped<ExchangePage>('/exchanges', { limit })

export function fetchOlder(scope: ScopeState, before: string, limit: number): Promise<ExchangePage> {
  return get<ExchangePage>('/exchanges', { ...scopeParams(scope), before, limit })
}

export function useStatus() {
  return useQuery({
    queryKey: ['/status'],
    queryFn: async ({ signal }) => {
      const status = await get<Status>('/status', {}, signal)
      learnServerTime(status.now)
      return status
    },
    refetchInterval: SLOW_POLL_MS,
  })
}

export function useExchange(id: string) {
  return useQuery({
    queryKey: ['/exchanges', id],
    queryFn: ({ signal }) => get<ExchangeDetail>(`/exchanges/${encodeURIComponent(id)}`, {}, signal),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
}

export function useTrace(traceId: string) {
  return useQuery({
    queryKey: ['/traces', traceId],
    queryFn: ({ signal }) => get<Trace>(`/traces/${encodeURIComponent(traceId)}`, {}, signal),
    staleTime: 60_000,
  })
}

/** The id of the slowest exchange of a trace, to open what an exemplar stands for. */
export async function findByTrace(traceId: string, at: number): Promise<string | null> {
  const margin = 600_000
  const page = await get<ExchangePage>('/exchanges', {
    from: Math.floor(at - margin),
    to: Math.ceil(at + margin),
    q: `trace:${traceId}`,
    limit: 20,
  })
  const slowest = page.rows.toSorted((a, b) => b.durationUs - a.durationUs)[0]
  return slowest?.id ?? null
}

export const useReload = () => useMutation({ mutationFn: () => postApi<ReloadOutcome>('/reload', {}) })
export const useExplain = () =>
  useMutation({ mutationFn: (request: ExplainRequest) => postApi<Explanation>('/explain', request) })
