// Any chart as a table: the same numbers, for those who cannot or do not want to see the picture.
import { Table2 } from 'lucide-react'
import { fullTime, preciseClock } from '../lib/time.ts'
import type { Line } from './lines.ts'

interface Props {
  label: string
  times: readonly number[]
  lines: readonly Line[]
  format: (value: number) => string
  height: number
}

/** What scrolls must be reachable by key (WCAG 2.1.1), though nothing in it can be pressed. */
const SCROLLED_BY_KEY = { tabIndex: 0 }

export function DataTable({ label, times, lines, format, height }: Props) {
  return (
    <section
      className="overflow-auto border-t"
      style={{ height }}
      {...SCROLLED_BY_KEY}
      aria-label={`${label}, as a table`}
    >
      <table className="w-full text-table">
        <thead className="sticky top-0 bg-panel text-left text-muted">
          <tr>
            <th className="h-7 px-3 font-medium">Time</th>
            {lines.map(line => (
              <th key={line.name} className="px-3 text-right font-medium">
                {line.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="font-mono">
          {times.map((at, row) => (
            <tr key={at} className="border-t">
              <td className="h-6 px-3 text-muted" title={fullTime(at)}>
                {preciseClock(at).slice(0, 8)}
              </td>
              {lines.map(line => {
                const value = line.values[row] ?? null
                return (
                  <td key={line.name} className="px-3 text-right">
                    {value === null ? '–' : format(value)}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

export function TableToggle({
  on,
  onChange,
  of,
}: {
  on: boolean
  onChange: (on: boolean) => void
  of: string
}) {
  return (
    <button
      type="button"
      className="icon-button"
      aria-pressed={on}
      title="Show as a table"
      aria-label={`${of}: show as a table`}
      onClick={() => onChange(!on)}
    >
      <Table2 size={14} aria-hidden="true" />
    </button>
  )
}
