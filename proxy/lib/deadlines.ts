// Deadlines of many connections on one timer: precise to a tick, free for those that keep moving.
import { nowMs } from './clock.ts'

/** Something that must be done with what it does by a certain time. */
export interface Due {
  /** Monotonic milliseconds; Infinity: no hurry. */
  deadlineMs: number
  /** It is late. Called once per deadline; sets a new one or ends. */
  onDeadline(): void
}

const TICK_MS = 250

export class Deadlines {
  readonly #watched = new Set<Due>()
  readonly #now: () => number
  #timer: NodeJS.Timeout | null = null

  /** @param now monotonic milliseconds */
  constructor(now: () => number = nowMs) {
    this.#now = now
  }

  add(due: Due): void {
    this.#watched.add(due)
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref()
  }

  remove(due: Due): void {
    this.#watched.delete(due)
    if (this.#watched.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #tick(): void {
    const now = this.#now()
    for (const due of this.#watched) {
      if (due.deadlineMs > now) continue
      due.deadlineMs = Number.POSITIVE_INFINITY
      due.onDeadline()
    }
  }
}
