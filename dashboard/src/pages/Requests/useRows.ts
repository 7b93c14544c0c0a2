// The rows of the list: the newest page, then what the stream brings, then older pages on scrolling down.
import { type RefObject, useCallback, useEffect, useReducer, useRef, useState } from 'react'
import { useBatches } from '../../api/live.ts'
import { fetchOlder, useNewestExchanges } from '../../api/queries.ts'
import { type ScopeState, useScope } from '../../lib/scope.ts'
import { NO_ROWS, type RowAction, type RowState, rowReducer } from './rows.ts'

const PAGE = 100

interface Filled {
  /** Which question the rows answer. */
  key: string
  /** The question that the rows in the list were filled for. */
  filledFor: RefObject<string>
  dispatch: (action: RowAction) => void
}

export function useRows(held: boolean) {
  const { scope, live } = useScope()
  const newest = useNewestExchanges(PAGE)
  const [state, dispatch] = useReducer(rowReducer, NO_ROWS)
  const key = `${scope.q}\n${scope.from}\n${live ? '' : scope.to}`
  const filledFor = useRef('')
  const heldNow = useRef(held)
  heldNow.current = held

  useEffect(() => {
    if (newest.data === undefined || newest.isPlaceholderData) return
    const { rows, next } = newest.data
    if (filledFor.current === key) return dispatch({ type: 'arrived', rows, held: heldNow.current })
    filledFor.current = key
    dispatch({ type: 'reset' })
    dispatch({ type: 'newest', rows, complete: next === null })
  }, [newest.data, newest.isPlaceholderData, key])

  const skipped = useStream({ key, filledFor, dispatch }, live, heldNow)
  const older = useOlder({ key, filledFor, dispatch }, scope, state)
  const release = useCallback(() => dispatch({ type: 'release' }), [])
  return { ...state, ...older, newest, skipped, release, stale: filledFor.current !== key }
}

/** Takes rows from the live stream; returns how many the last batch left out. */
function useStream({ key, filledFor, dispatch }: Filled, live: boolean, held: RefObject<boolean>): number {
  const [skipped, setSkipped] = useState(0)
  useBatches(
    useCallback(
      batch => {
        if (!live || filledFor.current !== key) return
        setSkipped(batch.skipped)
        dispatch({ type: 'arrived', rows: batch.rows, held: held.current })
      },
      [live, key, filledFor, dispatch, held],
    ),
  )
  return live ? skipped : 0
}

function useOlder({ key, filledFor, dispatch }: Filled, scope: ScopeState, { rows, complete }: RowState) {
  const [olderError, setOlderError] = useState<Error | null>(null)
  const loading = useRef(false)
  const oldest = rows.at(-1)?.id
  const loadOlder = useCallback(async () => {
    if (loading.current || complete || oldest === undefined) return
    loading.current = true
    setOlderError(null)
    try {
      const page = await fetchOlder(scope, oldest, PAGE)
      if (filledFor.current === key)
        dispatch({ type: 'older', rows: page.rows, complete: page.next === null })
    } catch (error) {
      setOlderError(error as Error)
    } finally {
      loading.current = false
    }
  }, [scope, key, oldest, complete, filledFor, dispatch])
  return { olderError, loadOlder }
}
