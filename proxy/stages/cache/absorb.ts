// Takes an upstream's answer into the store: a whole response, at once or as it flows.
import type { Headers } from '../../lib/headers.ts'
import type { Reply } from '../../pipeline/reply.ts'
import { Entry } from './entry.ts'
import { Fill } from './fill.ts'
import type { Policy } from './policy.ts'
import { BodyScan, canBeScanned, type Needle, reflectedInHead, unkeyed } from './reflection.ts'
import { SharedBody } from './shared-body.ts'
import { mayStore, type NotStored } from './storable.ts'
import type { CacheStore } from './store.ts'

/** What was asked of the upstream, and where the answer belongs. */
export interface Fetch {
  readonly primary: string
  readonly key: string
  /** The client's fields: variants are told apart by them. */
  readonly headers: Headers
  readonly authorized: boolean
  readonly askedMs: number
  readonly sequence: number
  readonly policy: Policy
  /** What the upstream was told that is not in the key. */
  readonly needles: readonly Needle[]
}

/** Told once how it ended: what was stored, or why nothing was. `field` is the one that was reflected. */
export type Absorbed = (entry: Entry | null, why: NotStored | '', field: string) => void

export interface Absorption {
  /** The flow into the store; null: there is none, and `done` has been told. */
  readonly body: SharedBody | null
  /** '' while it may still be stored. */
  readonly why: NotStored | ''
  readonly ttlS: number
  /** What others can be answered with while the body flows, and what it varies by. */
  readonly head: () => Entry
  readonly vary: readonly string[]
  /** Where the body was at hand: what was stored of it. */
  readonly entry: Entry | null
}

/** Decides by the head; where it may be stored, a body that flows is replaced by one that fills the store. */
export function absorb(
  store: CacheStore,
  fetch: Fetch,
  reply: Reply,
  now: () => number,
  done: Absorbed,
): Absorption {
  const gotMs = now()
  const { status, headers } = reply
  const freshness = mayStore(status, headers, circumstances(fetch, gotMs))
  if (typeof freshness === 'string') return refused(done, freshness)
  const announced = lengthOf(headers)
  if (announced > fetch.policy.maxObjectBytes) return refused(done, 'too-large')
  const needles = unkeyed(fetch.needles, freshness.vary)
  const field = needles.length === 0 ? '' : reflectedInHead(needles, headers)
  if (field !== '') return refused(done, 'reflected', field)
  const scan = needles.length > 0 && canBeScanned(headers) ? new BodyScan(needles) : null
  // The stages above amend the reply's head: what is stored is the upstream's.
  const fields = headers.clone()
  const keep = (body: Buffer): Entry | NotStored => {
    const entry = new Entry(status, fields, body, freshness, gotMs)
    entry.belongTo(fetch.policy)
    const why = store.put(fetch.primary, freshness.vary, fetch.headers, entry, fetch.sequence)
    if (why === '' && scan === null && needles.length > 0) store.encoded?.consider(entry, needles)
    return why || entry
  }
  const ttlS = Math.floor(freshness.lifetimeS - (gotMs - freshness.bornMs) / 1000)
  const taken = {
    ttlS,
    vary: freshness.vary,
    head: () => new Entry(status, fields, NOTHING, freshness, gotMs, announced),
  }
  const { body } = reply
  if (body === null || Buffer.isBuffer(body)) {
    const end = atOnce(body ?? NOTHING, announced, fetch.policy.maxObjectBytes, scan)
    const kept = typeof end === 'string' ? end : keep(end)
    const why = typeof kept === 'string' ? kept : ''
    done(why === '' ? (kept as Entry) : null, why, scan?.found ?? '')
    return { ...taken, body: null, why, entry: why === '' ? (kept as Entry) : null }
  }
  const fill = new Fill(store, announced, fetch.policy.maxObjectBytes, scan, end => {
    const kept = typeof end === 'string' ? end : keep(end)
    if (typeof kept === 'string') done(null, kept, scan?.found ?? '')
    else done(kept, '', '')
  })
  const shared = new SharedBody(body, fill)
  reply.body = shared
  return { ...taken, body: shared, why: '', entry: null }
}

const NOTHING: Buffer = Buffer.alloc(0)

function refused(done: Absorbed, why: NotStored, field = ''): Absorption {
  done(null, why, field)
  return { body: null, why, ttlS: 0, vary: [], entry: null, head: unheaded }
}

function unheaded(): never {
  throw new Error('what is not stored is not shared')
}

/** A body that is at hand. */
function atOnce(
  body: Buffer,
  announced: number,
  maxBytes: number,
  scan: BodyScan | null,
): Buffer | NotStored {
  if (body.length > maxBytes) return 'too-large'
  if (announced >= 0 && announced !== body.length) return 'incomplete'
  scan?.look(body, true)
  if (scan !== null && scan.found !== '') return 'reflected'
  // Lent, so copied; into a buffer of its own: a window on a larger one would keep that alive.
  const own = Buffer.allocUnsafeSlow(body.length)
  body.copy(own)
  return own
}

export function circumstances(
  { authorized, askedMs, policy, headers }: Fetch,
  gotMs: number,
): Parameters<typeof mayStore>[2] {
  const cookied = headers.has('cookie')
  return { authorized, cookied, askedMs, gotMs, overrides: policy.overrides, keyed: policy.key.fields }
}

/** RFC 9110 section 8.6; −1 when absent or unreadable. */
export function lengthOf(headers: Headers): number {
  const text = headers.get('content-length')
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : -1
}
