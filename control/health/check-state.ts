// Active health check of one upstream: pure counting of successes and failures in a row.
import type { ActiveCheck } from '../../config/schema.ts'

export interface CheckState {
  healthy: boolean
  /** Results in a row that speak against `healthy`. */
  against: number
  /** Why it is unhealthy, '' else. */
  reason: string
}

export const FRESH: CheckState = { healthy: true, against: 0, reason: '' }

/** @param failure what went wrong with the probe, '' when it passed */
export function advance(state: CheckState, failure: string, { rise, fall }: ActiveCheck): CheckState {
  const passed = failure === ''
  if (passed === state.healthy) return { ...state, against: 0, reason: passed ? '' : failure }
  const against = state.against + 1
  if (against < (passed ? rise : fall)) return { ...state, against }
  return { healthy: passed, against: 0, reason: failure }
}
