// How often something may go wrong per minute and address before it is refused.
import NodeCache from 'node-cache'
import { clientKey } from '../../proxy/lib/client-key.ts'

const WINDOW_S = 60
/** Addresses counted apart; those beyond it share one count. */
const MAX_ADDRESSES = 10_000
const OTHERS = 'others'

export class Attempts {
  readonly #max: number
  readonly #counts = new NodeCache({ useClones: false, checkperiod: WINDOW_S })

  constructor(maxPerMinute: number) {
    this.#max = maxPerMinute
  }

  /** One more. @returns false when it is over the limit */
  count(address: string): boolean {
    const key = this.#keyOf(address)
    const before = this.#counts.get<number>(key) ?? 0
    // The minute begins with the first attempt: counting on must not prolong it.
    const endsMs = this.#counts.getTtl(key) ?? 0
    const leftS = before === 0 || endsMs === 0 ? WINDOW_S : Math.max(0.001, (endsMs - Date.now()) / 1000)
    this.#counts.set(key, before + 1, leftS)
    return before < this.#max
  }

  /** True when nothing more is allowed in this minute. */
  spent(address: string): boolean {
    return (this.#counts.get<number>(this.#keyOf(address)) ?? 0) >= this.#max
  }

  close(): void {
    this.#counts.close()
  }

  #keyOf(address: string): string {
    const key = clientKey(address)
    return this.#counts.has(key) || this.#counts.getStats().keys < MAX_ADDRESSES ? key : OTHERS
  }
}
