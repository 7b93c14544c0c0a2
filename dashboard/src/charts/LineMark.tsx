// What stands for a line in a legend: its status glyph, or a short stroke, in its colour.
import { Glyph } from '../components/Glyph.tsx'
import type { Line } from './lines.ts'

export function LineMark({ line }: { line: Line }) {
  return (
    <span className="inline-flex w-3 shrink-0 justify-center" style={{ color: `var(--${line.token})` }}>
      {line.glyph === undefined ? (
        <span aria-hidden="true" className="h-[2px] w-3 rounded bg-current" />
      ) : (
        <Glyph shape={line.glyph} />
      )}
    </span>
  )
}
