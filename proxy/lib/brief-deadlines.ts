// Deadlines of things that live for one request: a list linked through them, so that coming and going costs nothing.
import { nowMs } from './clock.ts'
import type { Due } from './deadlines.ts'

/** Something with a deadline that carries its own place in the list. */
export interface LinkedDue extends Due {
  before: LinkedDue | null
  after: LinkedDue | null
}

const TICK_MS = 250

/**
 * As Deadlines, without a Set: with thousands of entries a second its table is what the garbage collector
 * works on most. The timer runs from the first entry on, until `stop`.
 */
export class BriefDeadlines {
  #first: LinkedDue | null = null
  #timer: NodeJS.Timeout | null = null

  add(due: LinkedDue): void {
    const first = this.#first
    due.before = null
    due.after = first
    if (first !== null) first.before = due
    this.#first = due
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref()
  }

  /** Harmless for what is not in the list. */
  remove(due: LinkedDue): void {
    const { before, after } = due
    if (before !== null) before.after = after
    else if (this.#first === due) this.#first = after
    else return
    if (after !== null) after.before = before
    due.before = due.after = null
  }

  /** No timer any more, as long as nothing is added. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
  }

  #tick(): void {
    const now = nowMs()
    for (let due = this.#first; due !== null; ) {
      // It may leave the list when it is told.
      const { after } = due
      if (due.deadlineMs <= now) {
        due.deadlineMs = Number.POSITIVE_INFINITY
        due.onDeadline()
      }
      due = after
    }
  }
}
