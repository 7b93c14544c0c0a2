// How an exchange ended, in the six words that ticks, charts, filters and figures share. Each has exactly one.
import type { ErrorType } from './record.ts'

export const OUTCOMES = ['ok', 'redirect', 'client', 'limited', 'server', 'aborted'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** Errors that are the client's doing or a policy's: nothing failed. Every other error is a failure. */
export const CLIENT_ERRORS: ReadonlySet<string> = new Set<ErrorType>([
  'client_aborted',
  'client_timeout',
  'request_too_large',
  'rate_limited',
  'no_route',
  'malformed_request',
  'http_request_error',
  'http_request_denied',
])

export function outcomeOf(status: number, error: string): Outcome {
  if (error === 'rate_limited') return 'limited'
  if (error === 'client_aborted' || status === 499) return 'aborted'
  if (status >= 500 || (error !== '' && !CLIENT_ERRORS.has(error))) return 'server'
  if (status >= 400) return 'client'
  return status >= 300 ? 'redirect' : 'ok'
}

/** The answer came from the cache. */
export function isCached(cache: string): boolean {
  return cache === 'hit' || cache === 'stale' || cache === 'revalidated' || cache === 'collapsed'
}
