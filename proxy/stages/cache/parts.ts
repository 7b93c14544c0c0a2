// Which wholes are small enough to be fetched where only a part is asked for: learnt from the parts.
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { Markers } from './coalesce.ts'
import type { Passage } from './passage.ts'
import { mayStore } from './storable.ts'

/** A whole up to this size costs an upstream little more than its part. */
const SMALL_BYTES = 1024 * 1024

/** From a part that passed the cache by: the next one may be cut from the whole, if that could be stored. */
export function learnSize(
  x: Exchange,
  p: Passage,
  { status, headers }: Reply,
  small: Markers,
  now: number,
): void {
  if (status !== 206 || p.primary === '') return
  const match = /^bytes \d+-\d+\/(\d{1,15})$/.exec(headers.get('content-range') ?? '')
  if (match === null || Number(match[1]) > Math.min(SMALL_BYTES, p.policy.maxObjectBytes)) return
  const { overrides, key } = p.policy
  const given = { authorized: p.asked.authorized, askedMs: now, gotMs: now, overrides, keyed: key.fields }
  if (x.method === 'GET' && typeof mayStore(200, headers, given) !== 'string') small.mark(p.primary, now)
}
