// One backend as a group sees it: how busy it is, and whether it may be asked.
import { nowMs, wallMs } from '../lib/clock.ts'

/** Passive ejection (Defaults of the design): failures in a window take an upstream out for a while. */
const FAILURES = 3
const WINDOW_MS = 10_000
const FIRST_EJECTION_MS = 10_000
const LONGEST_EJECTION_MS = 300_000

/** Survives reloads: kept by the registry under route and name. */
export class Upstream {
  /** `host:port`. */
  readonly name: string
  inFlight = 0
  /** An active check's word; '' when healthy or unchecked. */
  downReason = ''
  #failures: number[] = []
  #ejections = 0
  #outUntilMs = 0
  #outReason = ''

  constructor(name: string) {
    this.name = name
  }

  /** Monotonic time until which it is ejected; 0: not. */
  ejectedUntil(now = nowMs()): number {
    return this.#outUntilMs > now ? this.#outUntilMs : 0
  }

  available(now = nowMs()): boolean {
    return this.downReason === '' && this.#outUntilMs <= now
  }

  succeeded(): void {
    if (this.#failures.length > 0) this.#failures = []
    this.#ejections = 0
  }

  /** @returns true when this failure is the one that should eject it */
  failed(reason: string, now = nowMs()): boolean {
    this.#failures = this.#failures.filter(at => now - at < WINDOW_MS)
    this.#failures.push(now)
    this.#outReason = reason
    return this.#failures.length >= FAILURES && this.#outUntilMs <= now
  }

  /** @returns how long it is out, milliseconds; doubles with each ejection in a row */
  eject(now = nowMs()): number {
    const ms = Math.min(FIRST_EJECTION_MS * 2 ** this.#ejections, LONGEST_EJECTION_MS)
    this.#ejections++
    this.#outUntilMs = now + ms
    this.#failures = []
    return ms
  }

  /** For telemetry: state, why, and until when in Unix milliseconds. */
  describe(): { state: 'up' | 'out' | 'down'; reason: string; outUntilMs: number } {
    if (this.downReason !== '') return { state: 'down', reason: this.downReason, outUntilMs: 0 }
    const until = this.ejectedUntil()
    if (until === 0) return { state: 'up', reason: '', outUntilMs: 0 }
    return { state: 'out', reason: this.#outReason, outUntilMs: Math.round(wallMs() + until - nowMs()) }
  }
}
