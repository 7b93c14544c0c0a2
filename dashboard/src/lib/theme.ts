// The theme: the system's unless the reader chose one, which is remembered.
import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'dark' | 'light'
const KEY = 'oriel.theme'
const ORDER: readonly Theme[] = ['system', 'dark', 'light']
const listeners = new Set<() => void>()
const media = window.matchMedia('(prefers-color-scheme: light)')

function notify(): void {
  for (const listener of listeners) listener()
}
media.addEventListener('change', notify)

function chosen(): Theme {
  const value = document.documentElement.dataset.theme
  return value === 'dark' || value === 'light' ? value : 'system'
}

/** What is on the screen. */
function shown(): 'dark' | 'light' {
  const theme = chosen()
  if (theme !== 'system') return theme
  return media.matches ? 'light' : 'dark'
}

function choose(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  try {
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
  } catch {
    // Storage may be forbidden: the choice then lasts until the page is left.
  }
  notify()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function useTheme() {
  const theme = useSyncExternalStore(subscribe, chosen)
  const look = useSyncExternalStore(subscribe, shown)
  const next = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length]!
  return { theme, look, next, toggle: () => choose(next) }
}
