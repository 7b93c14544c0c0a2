// The rows of the list: the newest page, then what the stream brings, then older pages on scrolling down.
import { useCallback, useEffect, useReducer, useRef, useState } from 'react'
import { useBatches } from '../../api/live.ts'
import { fetchOlder, useNewestExchanges } from '../../api/queries.ts'
import { useScope } from '../../lib/scope.ts'
import { NO_ROWS, rowReducer } from './rows.ts'

const PAGE = 100

export function useRows(held: boolean) {
  const { scope, live } = useScope()
  const newest = useNewestExchanges(PAGE)
  const [state, dispatch] = useReducer(rowReducer, NO_ROWS)
  const [skipped, setSkipped] = useState(0)
  const [olderError, setOlderError] = useState<Error | null>(null)
  const key = `${scope.q}\n${scope.from}\n${live ? '' : scope.to}`
  const filledFor = useRef('')
  const loading = useRef(false)
  const heldNow = useRef(held)
  heldNow.current = held

  useEffect(() => {
    if (newest.data === undefined || newest.isPlaceholderData) return
    if (filledFor.current !== key) {
      filledFor.current = key
      dispatch({ type: 'reset' })
      dispatch({ type: 'newest', rows: newest.data.rows, complete: newest.data.next === null })
    } else dispatch({ type: 'arrived', rows: newest.data.rows, held: heldNow.current })
  }, [newest.data, newest.isPlaceholderData, key])

  useBatches(
    useCallback(
      batch => {
        if (!live || filledFor.current !== key) return
        setSkipped(batch.skipped)
        dispatch({ type: 'arrived', rows: batch.rows, held: heldNow.current })
      },
      [live, key],
    ),
  )

  const oldest = state.rows.at(-1)?.id
  const loadOlder = useCallback(async () => {
    if (loading.current || state.complete || oldest === undefined) return
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
  }, [scope, key, oldest, state.complete])

  const release = useCallback(() => dispatch({ type: 'release' }), [])
  return {
    ...state,
    newest,
    skipped: live ? skipped : 0,
    olderError,
    loadOlder,
    release,
    stale: filledFor.current !== key,
  }
}
