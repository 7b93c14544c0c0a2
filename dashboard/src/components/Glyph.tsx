// The shape that goes with a status colour: drawn, since a font may lack the character.
import type { Shape } from '../lib/status.ts'

const PATHS: Record<Shape, { d: string; filled: boolean }> = {
  dot: { d: 'M5 1.6a3.4 3.4 0 1 1 0 6.8a3.4 3.4 0 1 1 0-6.8Z', filled: true },
  ring: { d: 'M5 2a3 3 0 1 1 0 6a3 3 0 1 1 0-6Z', filled: false },
  arrow: { d: 'M2 8 8 2M3.2 2H8v4.8', filled: false },
  triangle: { d: 'M5 1.2 9.2 8.6H.8Z', filled: true },
  square: { d: 'M1.6 1.6h6.8v6.8H1.6Z', filled: true },
  hourglass: { d: 'M1.8 1.2h6.4L5 5l3.2 3.8H1.8L5 5Z', filled: true },
  cross: { d: 'M2 2l6 6M8 2 2 8', filled: false },
}

export function Glyph({ shape }: { shape: Shape }) {
  const { d, filled } = PATHS[shape]
  return (
    <svg aria-hidden="true" viewBox="0 0 10 10" width="10" height="10" className="inline-block shrink-0">
      <path
        d={d}
        fill={filled ? 'currentColor' : 'none'}
        stroke={filled ? 'none' : 'currentColor'}
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
