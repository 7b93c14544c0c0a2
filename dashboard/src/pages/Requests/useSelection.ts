// The request in the drawer, kept in the URL as `sel`; on a small screen it gets a page of its own.
import { useCallback } from 'react'
import { useLocation, useSearch } from 'wouter'
import { useScope, writeScope } from '../../lib/scope.ts'

const SMALL = '(max-width: 859px)'

export function useSelection() {
  const id = new URLSearchParams(useSearch()).get('sel') ?? ''
  const [path, navigate] = useLocation()
  const { scope, go } = useScope()
  const open = useCallback(
    (next: string) => {
      if (window.matchMedia(SMALL).matches) go(`/requests/${encodeURIComponent(next)}`)
      else navigate(path + writeScope(scope, { sel: next }), { replace: id !== '' })
    },
    [go, navigate, path, scope, id],
  )
  const close = useCallback(() => {
    if (id !== '') navigate(path + writeScope(scope), { replace: true })
  }, [navigate, path, scope, id])
  return { id, open, close }
}
