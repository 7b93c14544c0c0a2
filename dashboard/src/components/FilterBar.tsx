// The filter as chips that are text: click one to rewrite it, type at the end to add, Backspace to go back.
import { Search } from 'lucide-react'
import { useState } from 'react'
import { formatChip, parseFilter, removeChip, replaceChip } from '../lib/filter.ts'
import { useFilter } from '../lib/scope.ts'
import { useFilterProblem } from '../lib/useFilterProblem.ts'
import { FilterChip } from './FilterChip.tsx'
import { FilterInput } from './FilterInput.tsx'

export function FilterBar() {
  const { q, set } = useFilter()
  const [editing, setEditing] = useState(-1)
  const chips = parseFilter(q)
  const problem = useFilterProblem(q)
  const finish = (index: number, text: string) => {
    setEditing(-1)
    set(replaceChip(q, index, text))
  }
  const editLast = () => {
    if (chips.length > 0) setEditing(chips.length - 1)
  }
  return (
    <search className="relative flex min-w-0 flex-1 flex-wrap items-center gap-1.5 max-md:basis-full">
      <Search size={14} className="shrink-0 text-faint" aria-hidden="true" />
      {chips.map((chip, index) => {
        const text = formatChip(chip)
        if (editing === index) {
          return (
            <FilterInput
              key={text}
              initial={text}
              label="Rewrite this part"
              takesFocus
              onDone={next => finish(index, next)}
              onLeave={() => setEditing(-1)}
            />
          )
        }
        return (
          <FilterChip
            key={text}
            chip={chip}
            onEdit={() => setEditing(index)}
            onRemove={() => set(removeChip(q, index))}
          />
        )
      })}
      <FilterInput
        key={q}
        id="filter"
        label="Filter"
        hint={
          chips.length === 0 ? 'Filter: status:5xx  route:…  duration:>250ms  or any text' : 'add a filter'
        }
        onDone={text => text !== '' && set(replaceChip(q, chips.length, text))}
        onBackspace={editLast}
      />
      {problem !== '' && (
        <p
          role="alert"
          className="popover absolute top-full left-0 z-30 mt-1.5 max-w-3xl px-2.5 py-1.5 text-table text-error max-md:static max-md:mt-0 max-md:basis-full"
        >
          ■ {problem}
        </p>
      )}
    </search>
  )
}
