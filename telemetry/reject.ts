// A refusal before anything was a request, and how refusals cross from a worker to telemetry.

import type { ExchangeRecord, Verdict } from './record.ts'

/** The log tells so many refusals of a kind a second; the rest is counted, and said in the next line. */
export const REJECT_LINES_PER_SECOND = 20

/** One refusal as the log tells it. */
export interface RejectLine {
  reason: string
  /** '' when it was gone before it could be asked. */
  client: string
  /** Worker and number of the connection: `0-17`. */
  connection: string
  scheme: 'http' | 'https'
  protocol: string
  /** The beginning of what came: printable ASCII, everything else escaped, secrets taken out. */
  bytes: string
}

/** Refusals of one kind since the last batch: exact counts, some lines. */
export interface RejectBatch {
  /** By reason; reasons are words of this program. */
  counts: [reason: string, count: number][]
  lines: RejectLine[]
  /** Refusals without a line. */
  suppressed: number
}

/**
 * Why an exchange was no request, in the word that is counted; '' where it was one.
 * @param verdicts of its stages, in order
 */
export function rejectReason(
  { error, errorText, answeredBy }: Pick<ExchangeRecord, 'error' | 'errorText' | 'answeredBy'>,
  verdicts: readonly Pick<Verdict, 'stage' | 'reason'>[],
): string {
  if (error !== 'malformed_request') return ''
  if (answeredBy === 'wire') return errorText
  // Its head was a request, what came behind it was none.
  if (answeredBy !== 'guard') return 'bad_body'
  return (verdicts.findLast(({ stage }) => stage === 'guard')?.reason ?? '').replaceAll('-', '_')
}

/** Payload of a `rejects` frame. */
export interface RejectFrame {
  http?: RejectBatch
  tls?: RejectBatch
}
