// The last purges, so that what was fetched, or was on its way to the disk, before one of them is not kept after it.
import { isMeant, type Purge, type Subject } from './purge.ts'

/** Older ones are forgotten: then whatever began before them is refused unseen. */
const MAX_REMEMBERED = 200

export class RecentPurges {
  readonly #purges: { number: number; purge: Purge }[] = []
  #forgotten = 0

  /** @param number rising */
  add(number: number, purge: Purge): void {
    if (purge.dryRun) return
    this.#purges.push({ number, purge })
    if (this.#purges.length > MAX_REMEMBERED) this.#forgotten = this.#purges.shift()!.number
  }

  /** @param since the number of the last purge when the subject's fetch began */
  refuses(since: number, subject: Subject): boolean {
    if (since < this.#forgotten) return true
    const last = this.#purges.at(-1)
    if (last === undefined || last.number <= since) return false
    return this.#purges.some(({ number, purge }) => number > since && isMeant(purge, subject))
  }
}
