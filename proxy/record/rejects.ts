// What was refused before it was a request: counted exactly by reason, told in a few escaped lines.
import { REJECT_LINES_PER_SECOND, type RejectBatch, type RejectLine } from '../../telemetry/reject.ts'

/** Reasons are our own words; a bound all the same, should one ever be made of input. */
const MAX_REASONS = 200

/** Of one kind: malformed requests, or failed TLS handshakes. */
export class Rejects {
  #counts = new Map<string, number>()
  #lines: RejectLine[] = []
  #suppressed = 0
  #windowMs = Number.NEGATIVE_INFINITY
  #inWindow = 0

  /** @param line asked for only when there is room for one: a flood must not fill a disk */
  add(reason: string, nowMs: number, line: () => RejectLine): void {
    const key = this.#counts.size < MAX_REASONS || this.#counts.has(reason) ? reason : '_other'
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    if (nowMs - this.#windowMs >= 1000) {
      this.#windowMs = nowMs
      this.#inWindow = 0
    }
    if (this.#inWindow++ < REJECT_LINES_PER_SECOND) this.#lines.push(line())
    else this.#suppressed++
  }

  /** What came since the last call; undefined when nothing did. */
  take(): RejectBatch | undefined {
    if (this.#counts.size === 0) return undefined
    const batch = { counts: [...this.#counts], lines: this.#lines, suppressed: this.#suppressed }
    this.#counts = new Map()
    this.#lines = []
    this.#suppressed = 0
    return batch
  }
}
