// What a dry run found, in words: for the API and for `oriel explain`.
import type { DryResult } from '../proxy/messages.ts'
import { decide } from '../telemetry/reasons.ts'
import type { Explanation } from './admin/contract.ts'

export function explanation(result: DryResult): Explanation {
  let beforeUs = 0
  const decisions = result.notes.map(({ stage, reason, a, b, text, atUs }) => {
    const endUs = Math.max(beforeUs, atUs)
    const decision = decide({ stage, reason, a, b, text, atUs: beforeUs, tookUs: endUs - beforeUs })
    beforeUs = endUs
    return decision
  })
  return { route: result.route, decisions, outcome: outcomeOf(result), upstream: result.upstream }
}

function outcomeOf({ status, answeredBy, upstream, error }: DryResult): string {
  const why = error === '' ? '' : `, ${error}`
  if (upstream !== '' && (answeredBy === '' || answeredBy === 'upstream')) {
    return `${upstream} would be asked; its answer decides.`
  }
  if (status === 0) return `No answer is known${why}.`
  return `Oriel would answer ${status} itself (${answeredBy || 'no stage'}${why}).`
}
