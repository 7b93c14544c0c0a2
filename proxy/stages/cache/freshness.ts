// Whether a stored response may answer a request now: RFC 9111 section 4.2, RFC 5861.
import type { Directives } from './directives.ts'
import type { Entry } from './entry.ts'

/**
 * fresh: answers. stale: answers, the request allows it. revalidate-behind: answers, and is checked in
 * the background; grace: the same, because the route says so. expired: the upstream must be asked.
 * request: it must, because the client says so.
 */
export type Use = 'fresh' | 'stale' | 'revalidate-behind' | 'grace' | 'expired' | 'request'

export function judge(entry: Entry, nowMs: number, asked: Directives): Use {
  const ageS = (nowMs - entry.bornMs) / 1000
  const ttlS = entry.lifetimeS - ageS
  // Sections 5.2.1.1, 5.2.1.3, 5.2.1.4: the client's own terms.
  if (asked.noCache) return 'request'
  // RFC 8246 section 2: what does not change while it is fresh is not asked for again by a reload's max-age=0.
  if (ttlS <= 0 || !entry.immutable) {
    if (asked.maxAge >= 0 && ageS > asked.maxAge) return 'request'
    if (asked.minFresh >= 0 && ttlS < asked.minFresh) return 'request'
  }
  // Section 4.2: fresh while its lifetime exceeds its age.
  if (ttlS > 0) return 'fresh'
  // Section 4.2.4: must-revalidate beats whatever else allows a stale answer.
  if (entry.mustRevalidate) return 'expired'
  if (asked.maxStale >= 0 && !entry.noMaxStale && -ttlS <= asked.maxStale) return 'stale'
  // RFC 5861 section 3.
  if (-ttlS <= entry.staleWhileRevalidateS) return 'revalidate-behind'
  return !entry.noMaxStale && -ttlS <= entry.graceS ? 'grace' : 'expired'
}

/**
 * RFC 5861 section 4: may it stand in for an upstream that fails? @returns '' where it may not; `grace` where
 * the route allows it and the response says nothing of it
 */
export function survivesError(
  entry: Entry,
  nowMs: number,
  asked: Directives,
): '' | 'stale-if-error' | 'grace' {
  if (entry.mustRevalidate || asked.noCache) return ''
  const staleS = (nowMs - entry.bornMs) / 1000 - entry.lifetimeS
  if (staleS <= Math.max(entry.staleIfErrorS, asked.staleIfError)) return 'stale-if-error'
  return !entry.noMaxStale && staleS <= Math.max(entry.graceS, entry.graceOnErrorS) ? 'grace' : ''
}

/** RFC 5861 section 4: the statuses that count as failing. */
export function isFailure(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504
}
