// The colour that a route or an upstream has on every page.
import { seriesToken } from '../lib/status.ts'

export function SeriesDot({ name }: { name: string }) {
  return (
    <span
      aria-hidden="true"
      className="size-2 shrink-0 rounded-[2px]"
      style={{ background: `var(--${seriesToken(name)})` }}
    />
  )
}
