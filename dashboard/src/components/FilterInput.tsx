// One field for a part of the filter, with suggestions of fields and of values seen in the range.
import { useEffect, useId, useMemo, useRef, useState } from 'react'
import { useFacets } from '../api/queries.ts'
import { FIELDS, suggest } from '../lib/filter.ts'

interface Props {
  label: string
  onDone: (text: string) => void
  onLeave?: () => void
  onBackspace?: () => void
  id?: string
  initial?: string
  hint?: string
  /** Take the focus at once: the field replaces a chip that was just pressed. */
  takesFocus?: boolean
}

export function FilterInput({
  label,
  onDone,
  onLeave,
  onBackspace,
  id,
  initial = '',
  hint,
  takesFocus = false,
}: Props) {
  const [text, setText] = useState(initial)
  const [focused, setFocused] = useState(false)
  const [active, setActive] = useState(-1)
  const listId = useId()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (takesFocus) field.current?.select()
  }, [takesFocus])
  const options = useSuggestions(text, focused)
  const open = focused && options.length > 0

  const take = (option: string) => {
    setActive(-1)
    if (option.endsWith(':')) setText(option)
    else onDone(option)
  }
  const keys: Record<string, () => void> = {
    Enter: () => (open && active >= 0 ? take(options[active]!) : onDone(text.trim())),
    Escape: () =>
      onLeave === undefined ? (document.activeElement as HTMLElement | null)?.blur() : onLeave(),
    ArrowDown: () => setActive(value => (value + 1) % Math.max(1, options.length)),
    ArrowUp: () => setActive(value => (value <= 0 ? options.length : value) - 1),
  }
  return (
    <span className={`relative ${initial === '' ? 'min-w-24 flex-1' : ''}`}>
      <input
        {...(id === undefined ? {} : { id })}
        role="combobox"
        aria-label={label}
        aria-expanded={open}
        aria-controls={listId}
        aria-activedescendant={open && active >= 0 ? `${listId}-${active}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        ref={field}
        placeholder={hint}
        style={initial === '' ? undefined : { width: `${Math.max(8, text.length + 2)}ch` }}
        className={`h-6 w-full min-w-0 rounded bg-transparent font-mono text-table outline-offset-2 placeholder:font-sans ${initial === '' ? 'px-1' : 'border bg-panel px-2'}`}
        value={text}
        onChange={event => setText(event.target.value)}
        onFocus={() => setFocused(true)}
        onBlur={() => {
          setFocused(false)
          onLeave?.()
        }}
        onKeyDown={event => {
          if (event.key === 'Backspace' && text === '') onBackspace?.()
          const key = keys[event.key]
          if (key === undefined) return
          event.preventDefault()
          key()
        }}
      />
      <Suggestions id={listId} open={open} options={options} active={active} onTake={take} />
    </span>
  )
}

function useSuggestions(text: string, focused: boolean): string[] {
  const facets = useFacets(focused)
  const known = useMemo(
    () =>
      new Map(
        facets.data?.fields.map(({ field, values }) => [field, values.map(({ value }) => value)]) ?? [],
      ),
    [facets.data],
  )
  return focused ? suggest(text, known) : []
}

interface ListProps {
  id: string
  open: boolean
  options: string[]
  active: number
  onTake: (option: string) => void
}

function Suggestions({ id, open, options, active, onTake }: ListProps) {
  return (
    <div
      id={id}
      role="listbox"
      aria-label="Suggestions"
      hidden={!open}
      className="popover absolute top-full left-0 z-40 mt-1.5 min-w-60 p-1 max-md:fixed max-md:inset-x-3 max-md:top-auto"
    >
      {options.map((option, index) => (
        <div
          key={option}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          className="menu-item font-mono text-table"
          onMouseDown={event => {
            event.preventDefault()
            onTake(option)
          }}
        >
          {option}
          {option.endsWith(':') && (
            <span className="ml-auto pl-4 font-sans text-muted max-sm:hidden">{hintOf(option)}</span>
          )}
        </div>
      ))}
    </div>
  )
}

function hintOf(option: string): string {
  const field = option.replace(/^-|:$/g, '')
  return FIELDS.find(each => each.field === field)?.hint ?? ''
}
