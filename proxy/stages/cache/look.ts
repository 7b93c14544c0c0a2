// A lookup that the cache could not answer, and how the request leaves for the upstream from there.
import { plainReply } from '../../pipeline/error-reply.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import { Passage, passage } from './passage.ts'
import type { Policy } from './policy.ts'
import type { Asked } from './request.ts'
import type { Forwarded } from './status.ts'
import type { Found } from './store.ts'
import { variantSuffix } from './vary.ts'

export interface Look {
  readonly asked: Asked
  readonly primary: string
  readonly found: Found
  readonly fwd: Forwarded
  /** How often it has waited for others. */
  readonly waits: number
  readonly now: number
  /** Under which those who ask the same wait for each other. */
  readonly flightKey: string
}

/** Where nobody knows yet by what the response varies, what the route's key holds tells requests apart. */
export function flightKeyOf(x: Exchange, primary: string, found: Found, { key }: Policy): string {
  return key.fields.length > 0 && found.key === primary
    ? `${primary}\n?${variantSuffix(key.fields, x.headers)}`
    : found.key
}

/** On to the upstream. @param sequence invalidations so far */
export function leave(x: Exchange, look: Look, policy: Policy, sequence: number): Passage {
  const { asked, primary, found, fwd, now, flightKey } = look
  const p = new Passage(asked, policy, fwd)
  p.primary = primary
  p.key = found.key
  p.flightKey = flightKey
  p.stale = found.entry ?? null
  p.askedMs = now
  p.sequence = sequence
  x.cache = 'miss'
  x.setSlot(passage, p)
  if (p.stale === null) x.note('cache', fwd === 'vary-miss' ? 'vary-miss' : 'miss')
  else
    x.note(
      'cache',
      'expired',
      p.stale.ageS(now),
      p.stale.ttlS(now),
      fwd === 'request' ? 'request' : p.stale.noCache ? 'no-cache' : '',
    )
  return p
}

/** Past the cache: nothing of it is stored. */
export function passBy(x: Exchange, asked: Asked, policy: Policy, primary: string, detail: string): void {
  const p = new Passage(asked, policy, detail === 'method' ? 'method' : 'bypass', detail)
  p.primary = primary
  x.cache = 'bypass'
  x.note('cache', 'bypass', 0, 0, detail)
  x.setSlot(passage, p)
}

/** RFC 9111 section 5.2.1.7. */
export function onlyIfCached(x: Exchange): Reply {
  x.cache = 'miss'
  x.note('cache', 'only-if-cached')
  const reply = plainReply(x, 504, 'It is not in the cache, and the request asks for nothing else.')
  reply.headers.append('cache-status', 'oriel; detail=only-if-cached')
  return reply
}
