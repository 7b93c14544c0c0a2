// Which failure of which request may be tried again, and how often in all.
import { nowMs } from '../lib/clock.ts'
import type { ProxyError } from '../pipeline/errors.ts'

/** Methods whose repetition means the same (RFC 9110 section 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/** A retry's verdict: '' may be tried again, else why not. */
export function refusesRetry(error: ProxyError, method: string, bodyTouched: boolean): string {
  if (bodyTouched) return 'the body had begun to flow'
  if (error.unsent) return ''
  if (error.begun) return 'the reply had begun'
  if (error.type === 'http_response_timeout') return 'the upstream had its time'
  if (error.type !== 'connection_terminated' && error.type !== 'connection_refused') {
    return 'the failure is not of the connection'
  }
  return IDEMPOTENT.has(method) ? '' : `${method} may have taken effect`
}

/**
 * May the upstream that failed be asked again, where there is no other? When it never got the request, or when the
 * failure was that of a kept-alive connection, which may close at any time (RFC 9112 section 9.3.1). What happens to a
 * request on a new connection is likely to happen to it again.
 */
export function mayRepeat(error: ProxyError): boolean {
  return error.unsent || error.stale
}

/** At most a fifth of a group's requests may be retries, and always at least three a second. */
const SHARE = 0.2
const FLOOR_PER_SECOND = 3
const WINDOW_MS = 10_000

/** Keeps retries from doubling the load on a group that is failing. */
export class RetryBudget {
  #windowStartMs = 0
  #requests = 0
  #retries = 0

  request(now = nowMs()): void {
    if (now - this.#windowStartMs > WINDOW_MS) {
      this.#windowStartMs = now
      this.#requests >>= 1
      this.#retries >>= 1
    }
    this.#requests++
  }

  /** @returns true and counts one, or false when spent */
  take(): boolean {
    const floor = (FLOOR_PER_SECOND * WINDOW_MS) / 1000
    if (this.#retries >= Math.max(floor, this.#requests * SHARE)) return false
    this.#retries++
    return true
  }
}
