// Whether the facets stand beside the list: remembered, and closed at first where there is little room.
import { useState } from 'react'

const KEY = 'oriel.facets'
const ROOM = '(min-width: 1100px)'

export function useFacetsOpen(): [open: boolean, toggle: () => void] {
  const [open, setOpen] = useState(
    () => window.matchMedia(ROOM).matches && localStorage.getItem(KEY) !== 'closed',
  )
  const toggle = () => {
    localStorage.setItem(KEY, open ? 'closed' : 'open')
    setOpen(!open)
  }
  return [open, toggle]
}
