// The most frequent values of the range, field by field; each filters.
import { ChevronDown } from 'lucide-react'
import type { Facets } from '../../../../control/admin/contract.ts'
import { isFilterProblem } from '../../api/client.ts'
import { useFacets } from '../../api/queries.ts'
import { FilterValue } from '../../components/FilterValue.tsx'
import { Skeleton } from '../../components/Panel.tsx'
import { Problem } from '../../components/Problem.tsx'
import { parseFilter } from '../../lib/filter.ts'
import { formatCount, formatExact } from '../../lib/format.ts'
import { useFilter } from '../../lib/scope.ts'

const SHOWN = 7

export function FacetPanel() {
  const facets = useFacets(true)
  return (
    <aside
      aria-label="Frequent values"
      className="w-[216px] shrink-0 overflow-y-auto border-r bg-panel py-1 max-lg:absolute max-lg:inset-y-0 max-lg:left-0 max-lg:z-20"
    >
      {facets.data === undefined && facets.error === null && <Skeleton className="m-3 h-64" />}
      {facets.data === undefined && facets.error !== null && !isFilterProblem(facets.error) && (
        <Problem error={facets.error} onRetry={() => facets.refetch()} />
      )}
      {facets.data?.rows === 0 && (
        <p className="p-3 text-muted">Values appear here with the first request.</p>
      )}
      {facets.data?.fields.map(field => (
        <Field key={field.field} {...field} />
      ))}
      {facets.data !== undefined && facets.data.rows > 0 && (
        <p className="px-3 py-2 text-axis text-faint">
          of the newest {formatExact(facets.data.rows)} requests
        </p>
      )}
    </aside>
  )
}

function Field({ field, values }: Facets['fields'][number]) {
  const { q } = useFilter()
  const chosen = new Set(
    parseFilter(q)
      .filter(chip => chip.field === field && !chip.negated)
      .map(chip => chip.value),
  )
  const most = Math.max(1, ...values.map(({ count }) => count))
  if (values.length === 0) return null
  return (
    <details open className="group border-b px-3 py-1.5 last-of-type:border-0">
      <summary className="flex h-6 list-none items-center text-table font-semibold capitalize">
        {field}
        <ChevronDown
          size={12}
          className="ml-auto -rotate-90 text-faint group-open:rotate-0"
          aria-hidden="true"
        />
      </summary>
      <ul>
        {values.slice(0, SHOWN).map(({ value, count }) => (
          <li key={value} className="relative">
            <span
              aria-hidden="true"
              className={`absolute inset-y-0.5 left-0 rounded-[3px] ${chosen.has(value) ? 'bg-accent/20' : 'bg-accent/12'}`}
              style={{ width: `${(count / most) * 100}%` }}
            />
            <FilterValue
              field={field}
              value={value}
              className="relative my-0 flex h-6 w-full items-center gap-2 px-1 py-0 text-table"
              title={`${formatExact(count)} requests`}
            >
              <span
                className={`min-w-0 flex-1 truncate font-mono ${chosen.has(value) ? 'font-semibold' : ''}`}
              >
                {value || 'none'}
              </span>
              <span className="font-mono">{formatCount(count)}</span>
            </FilterValue>
          </li>
        ))}
      </ul>
    </details>
  )
}
