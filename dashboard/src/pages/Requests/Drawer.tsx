// The request beside the list; its edge can be dragged, or moved with the arrow keys.
import { Maximize2, X } from 'lucide-react'
import { type KeyboardEvent, type PointerEvent, useState } from 'react'
import { useScope } from '../../lib/scope.ts'
import { RequestView } from '../Request/RequestView.tsx'

const KEY = 'oriel.drawer'
const MIN = 360
const MAX = 960
const STEP = 24
const clamp = (width: number) => Math.min(MAX, Math.max(MIN, Math.round(width)))

function useStoredWidth() {
  const [width, setWidth] = useState(() => clamp(Number(localStorage.getItem(KEY)) || 520))
  const store = (next: number) => {
    const kept = clamp(next)
    localStorage.setItem(KEY, String(kept))
    setWidth(kept)
  }
  return [width, store] as const
}

export function Drawer({ id, onClose }: { id: string; onClose: () => void }) {
  const [width, setWidth] = useStoredWidth()
  const { go } = useScope()
  return (
    <aside
      aria-label="The selected request"
      className="relative shrink-0 overflow-y-auto border-l bg-panel max-lg:absolute max-lg:inset-y-0 max-lg:right-0 max-lg:z-20 max-lg:max-w-full"
      style={{ width }}
    >
      <Edge width={width} onChange={setWidth} />
      <RequestView
        id={id}
        compact
        actions={
          <>
            <button
              type="button"
              className="icon-button"
              title="On a page of its own"
              aria-label="Open on a page of its own"
              onClick={() => go(`/requests/${encodeURIComponent(id)}`)}
            >
              <Maximize2 size={14} aria-hidden="true" />
            </button>
            <button
              type="button"
              className="icon-button"
              title="Close (Esc)"
              aria-label="Close"
              onClick={onClose}
            >
              <X size={15} aria-hidden="true" />
            </button>
          </>
        }
      />
    </aside>
  )
}

function Edge({ width, onChange }: { width: number; onChange: (width: number) => void }) {
  const drag = (event: PointerEvent<HTMLElement>) => {
    const right = event.currentTarget.parentElement?.getBoundingClientRect().right ?? window.innerWidth
    event.currentTarget.setPointerCapture(event.pointerId)
    const handle = event.currentTarget
    const move = (moved: globalThis.PointerEvent) => onChange(right - moved.clientX)
    handle.addEventListener('pointermove', move)
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), {
      once: true,
    })
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'ArrowLeft') onChange(width + STEP)
    if (event.key === 'ArrowRight') onChange(width - STEP)
  }
  return (
    <hr
      aria-label="Width of the request"
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={MIN}
      aria-valuemax={MAX}
      {...{ role: 'separator', tabIndex: 0 }}
      className="absolute inset-y-0 left-0 z-10 m-0 h-auto w-1.5 cursor-col-resize border-0 hover:bg-accent/40"
      onPointerDown={drag}
      onKeyDown={keys}
    />
  )
}
