// A question's time: scans look at it now and then, because SQLite cannot be interrupted from outside.
import { QueryError } from './query-error.ts'

const LOOK_EVERY = 512

export class Deadline {
  readonly #endMs: number
  #steps = 0

  constructor(budgetMs: number) {
    this.#endMs = performance.now() + budgetMs
  }

  get passed(): boolean {
    return performance.now() >= this.#endMs
  }

  /** Once per row or cell. @throws QueryError 503 when the time is up */
  step(): void {
    if (++this.#steps % LOOK_EVERY === 0) this.check()
  }

  /** @throws QueryError 503 when the time is up */
  check(): void {
    if (this.passed)
      throw new QueryError(503, 'this reads too much at once; narrow the time range or the filter')
  }
}
