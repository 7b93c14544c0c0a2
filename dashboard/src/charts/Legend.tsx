// The words for a chart's colours; an entry filters when it is clicked.
import { FilterValue } from '../components/FilterValue.tsx'
import { LineMark } from './LineMark.tsx'
import type { Line } from './lines.ts'

export function Legend({ lines, figures }: { lines: readonly Line[]; figures?: readonly string[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-2 px-3 pt-1 pb-2 text-table">
      {lines.map((line, index) => (
        <li key={line.name} className="inline-flex items-center gap-1.5 text-muted">
          <LineMark line={line} />
          {line.filter === undefined ? (
            line.name
          ) : (
            <FilterValue field={line.filter.field} value={line.filter.value}>
              {line.name}
            </FilterValue>
          )}
          {figures?.[index] !== undefined && <span className="font-mono text-text">{figures[index]}</span>}
        </li>
      ))}
    </ul>
  )
}
