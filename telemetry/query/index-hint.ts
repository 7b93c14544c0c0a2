// Says in literal SQL what a filter implies, so that SQLite finds the partial indexes; bound values hide it.
import { SLOW_US } from '../store/schema.ts'
import type { Term } from './filter.ts'

/** @returns conditions that hold for every matching row of the exchange table: `1` when there is none to tell */
export function indexHint(terms: readonly Term[]): string {
  const positive = terms.filter(term => !term.negated)
  if (positive.some(impliesFailed)) return '(status >= 500 OR error != 0)'
  // No range of it begins below 0, which stands for none.
  if (positive.some(term => term.kind === 'number' && term.field === 'grpc')) return 'grpc >= 0'
  return positive.some(impliesSlow) ? `duration_us > ${SLOW_US}` : '1'
}

function impliesFailed(term: Term): boolean {
  if (term.kind === 'is') return term.flags.every(flag => flag === 'failed' || flag === 'limited')
  if (term.kind === 'field') return term.field === 'error' || term.field === 'reject'
  return term.kind === 'number' && term.field === 'status' && term.ranges.every(range => range.low >= 500)
}

function impliesSlow(term: Term): boolean {
  return (
    term.kind === 'number' && term.field === 'duration' && term.ranges.every(range => range.low > SLOW_US)
  )
}
