// Takes over a changed configuration as a whole, or keeps the running one and says why.

import type { LoadOutcome } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import type { ReloadOutcome, TimelineEvent } from './admin/contract.ts'
import type { CertificateSet } from './certificates.ts'
import type { Log } from './log.ts'
import { restartKeys } from './restart-keys.ts'
import type { Applied, Issue } from './supervisor.ts'

export interface ReloadParts {
  /** As people wrote it. */
  file: string
  log: Log
  load(): Promise<LoadOutcome>
  certificates(config: Config): Promise<CertificateSet>
  apply(issue: Issue): Promise<Applied>
  /** The new configuration is in force. */
  onApplied(config: Config): void
  event(event: TimelineEvent): void
}

export class Reloader {
  generation = 1
  loadedAtMs = Date.now()
  /** Why the file on disk is not in force; '' when it is. */
  problem = ''
  config: Config
  certificateProblems: CertificateSet['problems']
  readonly #parts: ReloadParts
  #queue: Promise<unknown> = Promise.resolve()

  constructor(parts: ReloadParts, config: Config, certificateProblems: CertificateSet['problems']) {
    this.#parts = parts
    this.config = config
    this.certificateProblems = certificateProblems
  }

  /** One at a time, in the order asked for. @param why for the timeline */
  reload(why: string): Promise<ReloadOutcome> {
    const outcome = this.#queue.then(() => this.#reload(why))
    this.#queue = outcome.catch(() => {})
    return outcome
  }

  /** The same configuration with certificates read and renewed. */
  renew(): Promise<void> {
    const done = this.#queue.then(async () => void (await this.#apply(this.config)))
    this.#queue = done.catch(() => {})
    return done
  }

  async #reload(why: string): Promise<ReloadOutcome> {
    try {
      const outcome = await this.#parts.load()
      if (!outcome.ok) return this.#refuse(outcome.problems)
      const fixed = restartKeys(this.config, outcome.config)
      if (fixed.length > 0) {
        return this.#refuse(
          fixed.map(key => `${outcome.placeOf(key)} ${key} has changed: this needs a restart of Oriel`),
        )
      }
      const refusal = await this.#apply(outcome.config)
      if (refusal !== '') return this.#refuse([`${outcome.placeOf('routes')} ${refusal}`])
      this.#accept(why)
      return { ok: true, generation: this.generation, problems: [] }
    } catch (error) {
      return this.#refuse([`${this.#parts.file}:1:1 ${(error as Error).message}`])
    }
  }

  async #apply(config: Config): Promise<string> {
    const { certificates, problems } = await this.#parts.certificates(config)
    const generation = this.generation + 1
    const { refusal } = await this.#parts.apply({ generation, config, certificates })
    this.generation = generation
    if (refusal !== '') return refusal
    this.config = config
    this.certificateProblems = problems
    return ''
  }

  #accept(why: string): void {
    this.loadedAtMs = Date.now()
    this.problem = ''
    this.#parts.onApplied(this.config)
    const text = `Configuration ${this.generation} in force (${why}): ${this.config.routes.length} routes.`
    this.#parts.log.info({ generation: this.generation }, `configuration reloaded (${why})`)
    this.#parts.event({ at: this.loadedAtMs, kind: 'reload', text, until: null })
  }

  #refuse(problems: string[]): ReloadOutcome {
    this.problem = problems.join('\n')
    for (const line of problems)
      this.#parts.log.error(`configuration refused, the running one stays: ${line}`)
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
    const text = `Configuration refused, the running one stays: ${problems[0]}${more}`
    this.#parts.event({ at: Date.now(), kind: 'reload-refused', text, until: null })
    return { ok: false, generation: this.generation, problems }
  }
}
