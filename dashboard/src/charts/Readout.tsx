// The small box beside the crosshair: the time and each line's value there.
import type { ReactNode } from 'react'
import type { TimelineEvent } from '../../../control/admin/contract.ts'
import { clock } from '../lib/time.ts'
import { LineMark } from './LineMark.tsx'
import type { Line } from './lines.ts'

interface Props {
  at: number
  stepMs: number
  /** Where the crosshair stands, in pixels of a chart this wide. */
  left: number
  width: number
  events: readonly TimelineEvent[]
  children: ReactNode
}

export function Readout({ at, stepMs, left, width, events, children }: Props) {
  const near = events.filter(event => event.at >= at - stepMs && event.at < at + 2 * stepMs).slice(0, 3)
  const side = left > width / 2 ? { right: width - left + 10 } : { left: left + 10 }
  return (
    <div
      aria-hidden="true"
      style={side}
      className="popover pointer-events-none absolute top-1 z-10 max-w-72 px-2 py-1.5 text-axis"
    >
      <div className="font-mono text-muted">{clock(at, stepMs < 60_000)}</div>
      {children}
      {near.map(event => (
        <div key={`${event.at} ${event.text}`} className="text-accent">
          ▾ {event.text}
        </div>
      ))}
    </div>
  )
}

interface LineProps {
  line: Line
  value: number | null
  format: (value: number) => string
}

export function ReadoutLine({ line, value, format }: LineProps) {
  return (
    <div className="flex items-center gap-2">
      <LineMark line={line} />
      <span className="text-muted">{line.name}</span>
      <span className="ml-auto pl-3 font-mono">{value === null ? '–' : format(value)}</span>
    </div>
  )
}
