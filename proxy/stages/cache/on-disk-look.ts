// A request waits a moment for the disk: what is there stands in memory afterwards, and is judged like all else.
import { ProxyError } from '../../pipeline/errors.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { CacheStore, Found } from './store.ts'

/** @param now Unix milliseconds; @throws ProxyError when the client has left */
export async function promoted(
  x: Exchange,
  store: CacheStore,
  primary: string,
  now: () => number,
): Promise<void> {
  const begunMs = now()
  const found = await store.promote(primary, x.headers)
  if (x.aborted) throw new ProxyError('client_aborted', 'the client left while the disk was asked')
  if (found) x.note('cache', 'on-disk', Math.round((now() - begunMs) * 1000))
}

/** The same for a dry run, which leaves everything where it is. @returns undefined: the disk has nothing for it */
export async function seenOnDisk(
  x: Exchange,
  store: CacheStore,
  primary: string,
  now: () => number,
): Promise<Found | undefined> {
  const begunMs = now()
  const entry = await store.peekOnDisk(primary, x.headers)
  if (entry === undefined) return undefined
  x.note('cache', 'on-disk', Math.round((now() - begunMs) * 1000), 0, 'dry')
  return { entry, key: primary, varyMiss: false }
}
