// What an upstream says again and again: that an answer is not to be stored is found out once for each head.
import { fact } from '../../lib/fact.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { Passage } from './passage.ts'
import type { Policy } from './policy.ts'
import { type Forwarded, forwarded, keyText } from './status.ts'
import { isLasting, type NotStored } from './storable.ts'

interface Refusal {
  readonly why: NotStored
  readonly status: number
  readonly authorized: boolean
  readonly policy: Policy
}

const refusal = fact<Refusal>()

/** @returns why an answer with this very head is not stored; '' where that is not known yet */
export function knownRefusal({ status, headers }: Reply, { asked, policy }: Passage): NotStored | '' {
  if (headers.own.length > 0) return ''
  const known = headers.shared?.fact(refusal)
  return known !== undefined &&
    known.status === status &&
    known.authorized === asked.authorized &&
    known.policy === policy
    ? known.why
    : ''
}

/** @param now Unix milliseconds */
export function rememberRefusal(
  { status, headers }: Reply,
  { asked, policy }: Passage,
  why: NotStored,
  now: number,
): void {
  const { shared, own } = headers
  if (shared === null || own.length > 0 || !isLasting(why, status, headers, policy.overrides, now)) return
  shared.keepFact(refusal, { why, status, authorized: asked.authorized, policy })
}

interface Told {
  readonly fwd: Forwarded
  readonly why: NotStored
  readonly key: string
  readonly text: string
}

const told = fact<Told>()

/** Cache-Status of an answer that is not stored. Those who ask the same are told the same. */
export function refusedStatus(x: Exchange, { fwd, key }: Passage, why: NotStored): string {
  const known = x.fact(told)
  if (known !== undefined && known.fwd === fwd && known.why === why && known.key === key) return known.text
  return x.keepFact(told, { fwd, why, key, text: forwarded(fwd, { detail: why, key: keyText(key) }) }).text
}
