// What changed in the range: reloads, ejections, workers, gaps in telemetry.
import type { TimelineEvent } from '../../../../control/admin/contract.ts'
import { now } from '../../api/clock.ts'
import { Panel } from '../../components/Panel.tsx'
import { useRange } from '../../lib/scope.ts'
import { fullTime, relativeTime } from '../../lib/time.ts'

const SHOWN = 8
const BAD = new Set<TimelineEvent['kind']>(['reload-refused', 'worker', 'telemetry'])
/** Around an event that is clicked. */
const AROUND_MS = 150_000

export function Changes({ events }: { events: TimelineEvent[] }) {
  const range = useRange()
  const newest = events.toSorted((a, b) => b.at - a.at).slice(0, SHOWN)
  return (
    <Panel title="What changed">
      {newest.length === 0 && (
        <p className="px-3 pb-3 text-muted">Nothing: no reload, no ejection, no lost worker in this range.</p>
      )}
      <ol className="pb-1.5 text-table">
        {newest.map(event => (
          <li key={`${event.at} ${event.text}`} className="flex items-baseline gap-3 px-3 py-1">
            <button
              type="button"
              className="filterable w-16 shrink-0 text-left font-mono text-muted"
              title={`${fullTime(event.at)}\nShow the minutes around it`}
              onClick={() =>
                range.brush(event.at - AROUND_MS, Math.min(now(), (event.until ?? event.at) + AROUND_MS))
              }
            >
              {relativeTime(event.at, now())}
            </button>
            <span className="min-w-0 break-words">
              {BAD.has(event.kind) && <span className="text-warn">▲ </span>}
              {event.text}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
