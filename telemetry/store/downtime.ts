// What the time since the last sign of life was: a stop, a crash of Oriel, or of the store thread alone.
import type { TimelineEvent } from '../../control/admin/contract.ts'

/** @param last what rollup.db says of the run before; @returns null on the very first start */
export function downtime(
  last: { aliveMs: number | undefined; clean: boolean },
  nowMs: number,
  processStartedMs: number,
): TimelineEvent | null {
  if (last.aliveMs === undefined) return null
  const span = { at: last.aliveMs, until: nowMs }
  if (last.clean) return { ...span, kind: 'stop', text: 'Oriel was not running.' }
  const text =
    last.aliveMs >= processStartedMs
      ? 'The store thread ended and was started again; some rows of this time are missing.'
      : 'Oriel ended without warning; what it did last, and until it was back, is not recorded.'
  return { ...span, kind: 'telemetry', text }
}
