// One purge in every worker's memory and on disk at the same time, and the count of what it meant.
import type { Purge } from '../proxy/stages/cache/purge/purge.ts'
import type { PurgeOutcome } from './admin/contract-cache.ts'
import type { CacheTier } from './cache-tier.ts'
import type { Supervisor } from './supervisor.ts'

export class Purger {
  readonly #supervisor: Pick<Supervisor, 'purge'>
  readonly #tier: Pick<CacheTier, 'purge'> | null
  #epoch = 0

  constructor(supervisor: Pick<Supervisor, 'purge'>, tier: Pick<CacheTier, 'purge'> | null) {
    this.#supervisor = supervisor
    this.#tier = tier
  }

  /**
   * Nobody has to wait for another: what crosses a purge on its way between memory and disk carries the
   * number of the last purge its sender had heard of.
   */
  async purge(purge: Purge): Promise<PurgeOutcome> {
    const epoch = ++this.#epoch
    const begunMs = performance.now()
    const [disk, memory] = await Promise.all([
      this.#tier?.purge(epoch, purge) ?? null,
      this.#supervisor.purge(epoch, purge),
    ])
    const answers = memory.filter(answer => answer !== null)
    const idents = new Set(disk?.idents)
    for (const answer of answers) for (const ident of answer.idents) idents.add(ident)
    const most = Math.max(0, disk?.count ?? 0, ...answers.map(answer => answer.count))
    return {
      // Of everything only the counts are known: the same entry may be counted in one place or in all.
      entries: purge.all ? most : idents.size,
      memory: answers.reduce((sum, answer) => sum + answer.count, 0),
      disk: disk?.count ?? 0,
      workers: answers.length,
      // A worker that died has forgotten everything; a disk tier that is off is asked for nothing.
      silent: memory.length - answers.length,
      tookMs: Math.round((performance.now() - begunMs) * 10) / 10,
      dryRun: purge.dryRun,
    }
  }
}
