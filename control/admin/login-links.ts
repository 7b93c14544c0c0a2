// One-time login tokens: each works once, within ten minutes.
import NodeCache from 'node-cache'
import { hashOf, newSecret } from './secret.ts'

const LIFETIME_S = 600
/** Open links at one time; a new one beyond it ends the others. */
const MAX_LINKS = 100

export class LoginLinks {
  readonly #open = new NodeCache({ stdTTL: LIFETIME_S, useClones: false, checkperiod: LIFETIME_S })

  create(): string {
    if (this.#open.getStats().keys >= MAX_LINKS) this.#open.flushAll()
    const token = newSecret()
    this.#open.set(hashOf(token), true)
    return token
  }

  /** True exactly once for a token that is not too old. */
  use(token: string): boolean {
    return this.#open.take(hashOf(token)) === true
  }

  close(): void {
    this.#open.close()
  }
}
