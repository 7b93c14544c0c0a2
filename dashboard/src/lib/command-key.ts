// Cmd-K and Ctrl-K, which work even while typing.
import { useEffect, useRef } from 'react'

export function useCommandKey(open: () => void): void {
  const current = useRef(open)
  current.current = open
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      current.current()
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}
