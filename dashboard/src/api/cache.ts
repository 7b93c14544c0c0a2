// The Cache page's questions, and the purge.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type {
  CacheAdvicePage,
  CacheEntryPage,
  CacheSort,
  PurgeOutcome,
  PurgeRequest,
} from '../../../control/admin/contract-cache.ts'
import { useScope } from '../lib/scope.ts'
import { isLive } from '../lib/time.ts'
import { get, isFilterProblem, postApi } from './client.ts'
import { scopeParams } from './queries.ts'

const EVERY_MS = 5000

/** Which entries are listed; '' for all. */
export interface Wanted {
  by: 'host' | 'prefix' | 'tag'
  text: string
  sort: CacheSort
  tier: 'disk' | 'memory'
}

export function useCacheEntries({ by, text, sort, tier }: Wanted, after: string | null, limit: number) {
  return useQuery({
    queryKey: ['/cache/entries', by, text, sort, tier, after],
    queryFn: ({ signal }) =>
      get<CacheEntryPage>(
        '/cache/entries',
        { [by]: text, sort, tier, limit, after: after ?? undefined },
        signal,
      ),
    placeholderData: keepPreviousData,
    refetchInterval: after === null ? EVERY_MS : false,
  })
}

export function useCacheAdvice() {
  const { scope } = useScope()
  return useQuery({
    queryKey: ['/cache/advice', scope],
    queryFn: ({ signal }) => get<CacheAdvicePage>('/cache/advice', scopeParams(scope), signal),
    placeholderData: keepPreviousData,
    refetchInterval: query => (isLive(scope) && !isFilterProblem(query.state.error) ? EVERY_MS : false),
  })
}

const purge = (request: PurgeRequest) => postApi<PurgeOutcome>('/cache/purge', request)

/** What a purge would take; asked anew whenever what is asked for changes. */
export function usePurgeCount(request: PurgeRequest, enabled: boolean) {
  return useQuery({
    queryKey: ['/cache/purge', request],
    queryFn: () => purge({ ...request, dryRun: true }),
    enabled,
    retry: false,
    staleTime: 0,
  })
}

export function usePurge() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: purge,
    onSuccess: () => client.invalidateQueries({ queryKey: ['/cache/entries'] }),
  })
}
