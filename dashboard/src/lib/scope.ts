// The one state of the whole application: filter and time range, kept in the URL.
import { useCallback, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'
import { now } from '../api/clock.ts'
import { addChips, type Chip, toggleChip } from './filter.ts'
import { DEFAULT_RANGE, isLive, type Range, resolveRange, shiftRange, toggleLive } from './time.ts'

export interface ScopeState extends Range {
  q: string
}

/** Ranges that brushing left behind, newest last; double-click goes back through them. */
const zoomed: Range[] = []
const MAX_ZOOMS = 20

export function readScope(search: string): ScopeState {
  const params = new URLSearchParams(search)
  return {
    from: params.get('from') ?? DEFAULT_RANGE.from,
    to: params.get('to') ?? DEFAULT_RANGE.to,
    q: params.get('q') ?? '',
  }
}

/** The query string of a scope; what is default is left out of `q` only, so that links stay readable. */
export function writeScope(scope: ScopeState, extra: Record<string, string> = {}): string {
  const pairs = [`from=${encode(scope.from)}`, `to=${encode(scope.to)}`]
  if (scope.q !== '') pairs.push(`q=${encode(scope.q)}`)
  for (const [key, value] of Object.entries(extra)) if (value !== '') pairs.push(`${key}=${encode(value)}`)
  return `?${pairs.join('&')}`
}

/** Like encodeURIComponent, but leaves what a query may hold as it is: the URL is read by people. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(3A|2F|2A|2C|3E|3C)/gi, decodeURIComponent)
}

export function useScope() {
  const search = useSearch()
  const [path, navigate] = useLocation()
  const scope = useMemo(() => readScope(search), [search])

  /** Adjusts in place: no step in the browser's history. */
  const adjust = useCallback(
    (patch: Partial<ScopeState>) => {
      const selected = new URLSearchParams(search).get('sel') ?? ''
      navigate(path + writeScope({ ...scope, ...patch }, { sel: selected }), { replace: true })
    },
    [navigate, path, scope, search],
  )
  /** Goes to another page with the same filter and range. */
  const go = useCallback(
    (to: string, patch: Partial<ScopeState> = {}) => navigate(to + writeScope({ ...scope, ...patch })),
    [navigate, scope],
  )
  return { ...scope, scope, live: isLive(scope), adjust, go }
}

/** What the keys, the charts and the time picker do to the range. */
export function useRange() {
  const { scope, adjust, live } = useScope()
  return {
    live,
    toggle: () => adjust(toggleLive(scope, now())),
    shift: (direction: -1 | 1) => adjust(shiftRange(scope, direction, now())),
    brush: (from: number, to: number) => {
      zoomed.push({ from: scope.from, to: scope.to })
      if (zoomed.length > MAX_ZOOMS) zoomed.shift()
      adjust({ from: String(Math.floor(from)), to: String(Math.ceil(Math.max(to, from + 1000))) })
    },
    unzoom: () => adjust(zoomed.pop() ?? DEFAULT_RANGE),
    set: (range: Range) => adjust(range),
    span: () => resolveRange(scope, now()),
  }
}

/** A click on a value filters by it, with Alt it excludes; see FilterValue. */
export function useFilter() {
  const { q, adjust } = useScope()
  return {
    q,
    toggle: (chip: Chip) => adjust({ q: toggleChip(q, chip) }),
    add: (chips: readonly Chip[]) => adjust({ q: addChips(q, chips) }),
    set: (next: string) => adjust({ q: next }),
  }
}
