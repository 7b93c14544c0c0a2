// The timeline's events in a range, and which buckets of a chart lie in a gap.
import type { TimelineEvent } from '../../control/admin/contract.ts'
import type { Reader } from './reader.ts'

const MAX_EVENTS = 500

/** Those that touch the range, oldest first; the newest when there are too many. */
export function timeline(reader: Reader, range: { from: number; to: number }): TimelineEvent[] {
  const sql = `SELECT at, kind, text, until FROM event
    WHERE at < ? AND coalesce(until, at) >= ? ORDER BY at DESC LIMIT ?`
  return (reader.meta?.all<TimelineEvent>(sql, range.to, range.from, MAX_EVENTS) ?? []).reverse()
}

/**
 * Nothing counted in a bucket that a gap touches means unknown, not zero. What was counted there is shown: the
 * other workers, and all of it when only rows were lost.
 */
export function orUnknown(
  count: number,
  bucket: { from: number; to: number },
  events: readonly TimelineEvent[],
): number | null {
  if (count > 0) return count
  const isGap = events.some(
    event => event.until !== null && event.at < bucket.to && event.until > bucket.from,
  )
  return isGap ? null : 0
}
