// Keys that work anywhere on a page, except while something is being typed.
import { useEffect, useRef } from 'react'

/** Key (or `g o` for two in a row) → what it does. Return false to leave the key to the browser. */
export type Hotkeys = Record<string, (event: KeyboardEvent) => unknown>

const PREFIX_MS = 1200
/** Widgets that use these keys themselves. */
const OWN_KEYS =
  'input, textarea, select, [contenteditable], [role="menu"], [role="dialog"], [role="listbox"]'
const PRESSABLE = 'button, a, [role="tab"], [role="separator"]'

function isTaken(event: KeyboardEvent): boolean {
  if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return true
  const target = event.target instanceof Element ? event.target : null
  if (target?.closest(OWN_KEYS)) return true
  const presses = event.key === ' ' || event.key === 'Enter'
  return presses && target?.closest(PRESSABLE) !== null && target !== null
}

export function useHotkeys(keys: Hotkeys): void {
  const current = useRef(keys)
  current.current = keys
  useEffect(() => {
    let prefix = ''
    let timer: ReturnType<typeof setTimeout> | undefined
    const listen = (event: KeyboardEvent) => {
      if (isTaken(event)) return
      const known = current.current
      const pair = `${prefix} ${event.key}`
      const action = prefix !== '' && known[pair] ? known[pair] : known[event.key]
      prefix = ''
      clearTimeout(timer)
      if (action !== undefined) {
        if (action(event) !== false) event.preventDefault()
      } else if (Object.keys(known).some(key => key.startsWith(`${event.key} `))) {
        prefix = event.key
        timer = setTimeout(() => (prefix = ''), PREFIX_MS)
      }
    }
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
}

export const SHORTCUTS: readonly { keys: string; what: string }[] = [
  { keys: '/', what: 'Write a filter' },
  { keys: 'Space', what: 'Live or standing still' },
  { keys: '[ ]', what: 'Shift the range by half' },
  { keys: 'g o', what: 'Go to Overview' },
  { keys: 'g r', what: 'Go to Requests' },
  { keys: 'g u', what: 'Go to Upstreams' },
  { keys: 'j k', what: 'Next, previous request' },
  { keys: 'Enter', what: 'Open the request' },
  { keys: 'x', what: 'Exclude its path' },
  { keys: 'c', what: 'Copy its link' },
  { keys: 'Esc', what: 'Close what is open' },
  { keys: 'Ctrl K', what: 'Commands' },
  { keys: '?', what: 'This list' },
]
