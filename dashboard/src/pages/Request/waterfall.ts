// The rows of the waterfall, as a pure function of the exchange: stages in order, attempts below forward.
import type { ExchangeDetail } from '../../../../control/admin/contract.ts'
import { formatDuration } from '../../lib/format.ts'

export interface Segment {
  startUs: number
  endUs: number
  /** What happens in it. */
  kind: 'stage' | 'connect' | 'wait' | 'body' | 'failed'
}

export interface WaterfallRow {
  key: string
  label: string
  depth: 0 | 1
  sentence: string
  segments: Segment[]
  failed: boolean
}

type Attempt = ExchangeDetail['attemptList'][number]

/** The parts of one attempt; an offset of −1 was never reached, so the part before it runs to the end. */
export function attemptSegments(attempt: Attempt): Segment[] {
  const { startUs, connectedUs, headUs, endUs } = attempt
  if (attempt.error !== '' && connectedUs < 0) return [{ startUs, endUs, kind: 'failed' }]
  const segments: Segment[] = []
  const connected = connectedUs < 0 ? startUs : connectedUs
  if (connected > startUs) segments.push({ startUs, endUs: connected, kind: 'connect' })
  if (headUs < 0)
    return [...segments, { startUs: connected, endUs, kind: attempt.error === '' ? 'wait' : 'failed' }]
  segments.push({ startUs: connected, endUs: headUs, kind: 'wait' })
  if (endUs > headUs)
    segments.push({ startUs: headUs, endUs, kind: attempt.error === '' ? 'body' : 'failed' })
  return segments
}

/** `connect 0.3 ms · wait 12.9 ms · body 2.1 ms` */
export function attemptTimes(attempt: Attempt): string {
  const parts = attemptSegments(attempt).map(
    ({ kind, startUs, endUs }) =>
      `${kind === 'failed' ? 'failed after' : kind} ${formatDuration(endUs - startUs)}`,
  )
  return (attempt.reused ? ['connection reused', ...parts] : parts).join(' · ')
}

export function waterfallRows(detail: ExchangeDetail): WaterfallRow[] {
  const attempts = detail.attemptList.map(attemptRow)
  const rows = detail.decisions.map(
    (decision, index): WaterfallRow => ({
      key: `${index} ${decision.stage}`,
      label: decision.stage,
      depth: 0,
      sentence: decision.sentence,
      segments: [
        { startUs: decision.atUs, endUs: decision.atUs + Math.max(0, decision.tookUs), kind: 'stage' },
      ],
      failed: false,
    }),
  )
  if (attempts.length === 0) return rows
  let at = rows.findLastIndex(row => row.label === 'forward')
  if (at === -1) {
    rows.push(forwardRow(detail))
    at = rows.length - 1
  }
  rows[at] = overAttempts(rows[at]!, detail)
  rows.splice(at + 1, 0, ...attempts)
  return rows
}

function attemptRow(attempt: Attempt, index: number): WaterfallRow {
  return {
    key: `attempt ${index}`,
    label: `attempt ${index + 1}`,
    depth: 1,
    sentence: attempt.sentence,
    segments: attemptSegments(attempt),
    failed: attempt.error !== '',
  }
}

/** Forward decides at once but lasts as long as its attempts. */
function overAttempts(row: WaterfallRow, { attemptList }: ExchangeDetail): WaterfallRow {
  const segments = row.segments.map(segment => ({
    ...segment,
    endUs: Math.max(segment.endUs, ...attemptList.map(attempt => attempt.endUs)),
  }))
  return { ...row, segments }
}

/** A line for forward itself when its stage left no decision: it spans its attempts. */
function forwardRow({ attemptList }: ExchangeDetail): WaterfallRow {
  const startUs = Math.min(...attemptList.map(attempt => attempt.startUs))
  const endUs = Math.max(...attemptList.map(attempt => attempt.endUs))
  return {
    key: 'forward',
    label: 'forward',
    depth: 0,
    sentence: '',
    segments: [{ startUs, endUs, kind: 'stage' }],
    failed: false,
  }
}

/** The right end of the axis: nothing may stick out. */
export function extent(detail: ExchangeDetail, rows: readonly WaterfallRow[]): number {
  const ends = rows.flatMap(row => row.segments.map(segment => segment.endUs))
  return Math.max(1, detail.durationUs, ...ends)
}

/** Round points in time for the axis, from 0 to below the end. */
export function axisTicks(endUs: number, count: number): number[] {
  const rough = endUs / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(factor => factor * power).find(each => each >= rough) ?? rough
  const ticks: number[] = []
  for (let at = 0; at < endUs * 0.94; at += step) ticks.push(at)
  return ticks
}
