// The words for a chart's colours; an entry filters when it is clicked.
import { FilterValue } from '../components/FilterValue.tsx'
import { Glyph } from '../components/StatusCode.tsx'
import type { Line } from './lines.ts'

export function Legend({ lines, figures }: { lines: readonly Line[]; figures?: readonly string[] }) {
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-0.5">
      {lines.map((line, index) => (
        <li key={line.name} className="inline-flex items-center gap-1 text-muted">
          <span style={{ color: `var(--${line.token})` }}>
            {line.glyph === undefined ? (
              <span
                aria-hidden="true"
                className="mr-0.5 inline-block h-[2px] w-3 rounded bg-current align-middle"
              />
            ) : (
              <Glyph glyph={line.glyph} />
            )}
          </span>
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
