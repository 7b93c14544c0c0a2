// What is wrong with the filter, in the words of the API.
import { useIsFetching, useQueryClient } from '@tanstack/react-query'
import { isFilterProblem } from '../api/client.ts'

/** What any question of the page said about this filter; '' when it was understood. */
export function useFilterProblem(q: string): string {
  const client = useQueryClient()
  useIsFetching()
  if (q === '') return ''
  for (const query of client.getQueryCache().findAll({ type: 'active' })) {
    const scope = query.queryKey[2] as { q?: string } | undefined
    if (scope?.q === q && isFilterProblem(query.state.error)) return query.state.error.message
  }
  return ''
}
