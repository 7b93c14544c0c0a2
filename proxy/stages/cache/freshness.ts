// Whether a stored response may answer a request now: RFC 9111 section 4.2, RFC 5861.
import type { Directives } from './directives.ts'
import type { Entry } from './entry.ts'

/**
 * fresh: answers. stale: answers, the request allows it. revalidate-behind: answers, and is checked in
 * the background. expired: the upstream must be asked. request: it must, because the client says so.
 */
export type Use = 'fresh' | 'stale' | 'revalidate-behind' | 'expired' | 'request'

export function judge(entry: Entry, nowMs: number, asked: Directives): Use {
  const ageS = (nowMs - entry.bornMs) / 1000
  const ttlS = entry.lifetimeS - ageS
  // Sections 5.2.1.1, 5.2.1.3, 5.2.1.4: the client's own terms.
  if (asked.noCache || (asked.maxAge >= 0 && ageS > asked.maxAge)) return 'request'
  if (asked.minFresh >= 0 && ttlS < asked.minFresh) return 'request'
  // Section 4.2: fresh while its lifetime exceeds its age.
  if (ttlS > 0) return 'fresh'
  // Section 4.2.4: must-revalidate beats whatever else allows a stale answer.
  if (entry.mustRevalidate) return 'expired'
  if (asked.maxStale >= 0 && !entry.noMaxStale && -ttlS <= asked.maxStale) return 'stale'
  // RFC 5861 section 3.
  return -ttlS <= entry.staleWhileRevalidateS ? 'revalidate-behind' : 'expired'
}

/** RFC 5861 section 4: may it stand in for an upstream that fails? */
export function survivesError(entry: Entry, nowMs: number, asked: Directives): boolean {
  if (entry.mustRevalidate || asked.noCache) return false
  const staleS = (nowMs - entry.bornMs) / 1000 - entry.lifetimeS
  return staleS <= Math.max(entry.staleIfErrorS, asked.staleIfError)
}

/** RFC 5861 section 4: the statuses that count as failing. */
export function isFailure(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}
