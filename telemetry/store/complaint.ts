// What is said of a fault that stays or comes again and again: at once, then ever more rarely, and once that it is over.

/** The first reminder after a minute, the others every ten. */
const REMIND_MS = [60_000, 600_000]
/** A disk that works for less than this has not been well in between. */
const CALM_MS = 60_000

export class Complaint {
  /** When it began; 0: there is nothing to complain about. */
  sinceMs = 0
  /** Since when all is well again; 0: it is not. */
  healedMs = 0
  #reminders = 0
  #remindMs = 0
  /** That it is well has been seen since. */
  #proven = false

  /** A fault. @returns whether to say so: false while it is the same trouble still */
  fault(nowMs: number): boolean {
    this.healedMs = 0
    if (this.sinceMs > 0) return false
    this.sinceMs = nowMs
    this.#reminders = 0
    this.#remindIn(nowMs)
    return true
  }

  healed(nowMs: number): void {
    this.healedMs = nowMs
    this.#proven = false
  }

  /** What used to fail has just succeeded. */
  worked(): void {
    this.#proven = true
  }

  /** @returns what to say now, if anything */
  due(nowMs: number): 'again' | 'over' | '' {
    if (this.sinceMs === 0) return ''
    if (this.healedMs > 0 && this.#proven && nowMs - this.healedMs >= CALM_MS) return 'over'
    if (this.healedMs > 0 || nowMs < this.#remindMs) return ''
    this.#remindIn(nowMs)
    return 'again'
  }

  /** It has been said that it is over. */
  end(): void {
    this.sinceMs = this.healedMs = 0
  }

  #remindIn(nowMs: number): void {
    this.#remindMs = nowMs + REMIND_MS[Math.min(this.#reminders++, REMIND_MS.length - 1)]!
  }
}
