// GET /api/v1/cache/advice: per route, what the cache answered, and the one reason that kept most of the rest out.
import type { CacheAdvice, CacheAdvicePage } from '../../control/admin/contract-cache.ts'
import { isCached } from '../outcome.ts'
import { cacheCause } from '../reasons.ts'
import type { StoredDetail } from '../store/detail.ts'
import { askOf, type Context } from './context.ts'
import { newestRows } from './exchanges.ts'
import { locate } from './locate.ts'
import type { Params } from './questions.ts'
import { eachExchange, type Portion } from './source.ts'
import { storedDetail } from './stored-detail.ts'

/** Rows whose reasons are read. */
const MAX_ROWS = 2000
const MAX_ROUTES = 100

/** Words that say that the next answer to the same may well be stored: nothing to advise. */
const PASSING = new Set(['cold', 'incomplete', 'memory', 'invalidated'])

export function cacheAdvice(params: Params<'cacheAdvice'>, context: Context): CacheAdvicePage {
  const ask = askOf(context, params.scope)
  const routes = new Map<string, CacheAdvice>()
  eachExchange(ask, 3600, portion => addTo(routes, portion))
  const reasons = new Map<string, Map<string, number>>()
  const { rows } = newestRows(ask, MAX_ROWS)
  let read = 0
  for (const { row } of rows) {
    // The exact counts stand; fewer reasons are looked at when time runs out.
    if (context.deadline.passed) break
    if (row.status >= 400 || isCached(row.cache) || (row.method !== 'GET' && row.method !== 'HEAD')) continue
    const located = locate(context.reader, row.id)
    const detail = located === undefined ? undefined : storedDetail(located.db, located.rowId)
    if (detail === undefined) continue
    read++
    const counts = reasons.get(row.route) ?? new Map<string, number>()
    reasons.set(row.route, counts)
    const reason = reasonOf(row.cache, detail)
    counts.set(reason, (counts.get(reason) ?? 0) + row.weight)
  }
  for (const [route, counts] of reasons) {
    const advice = routes.get(route)
    if (advice !== undefined) judge(advice, counts)
  }
  const sorted = [...routes.values()].sort((a, b) => b.missed - a.missed).slice(0, MAX_ROUTES)
  return { scope: params.scope, routes: sorted, rows: read }
}

function addTo(routes: Map<string, CacheAdvice>, portion: Portion): void {
  const { route, method, status, cache, count, outBytes } = portion
  if (route.startsWith('_')) return
  const advice = routes.get(route) ?? nothing(route)
  routes.set(route, advice)
  advice.requests += count
  advice.outBytes += outBytes
  if (isCached(cache)) {
    advice.cached += count
    advice.cachedBytes += outBytes
  } else if ((method === 'GET' || method === 'HEAD') && status < 400 && status >= 200) {
    advice.missed += count
    advice.missedBytes += outBytes
  }
}

const nothing = (route: string): CacheAdvice => ({
  ...{ route, requests: 0, outBytes: 0, cached: 0, cachedBytes: 0, missed: 0, missedBytes: 0 },
  ...{ reason: '', reasonShare: null, sentence: '', hint: '' },
})

/** The word for why this one went on to the upstream or was not kept. */
function reasonOf(cache: string, { verdicts, replyHeaders }: StoredDetail): string {
  const last = (reason: string) => verdicts.findLast(it => it.stage === 'cache' && it.reason === reason)
  if (cache === 'none' || cache === '') return saysFresh(replyHeaders) ? 'off' : 'off-unfresh'
  const refused = last('not-stored')
  // Which header it was: one route may have several.
  if (refused?.text === 'reflected') return `reflected:${last('reflected')?.text ?? ''}`
  if (refused !== undefined) return refused.text
  const bypass = last('bypass')
  if (bypass !== undefined) return bypass.text
  if (last('vary-miss') !== undefined) return 'vary-miss'
  if (last('expired') !== undefined) return 'expired'
  return 'cold'
}

/** What would be stored if the route had a cache, as far as its head tells. */
function saysFresh(headers: StoredDetail['replyHeaders']): boolean {
  if (headers === null) return false
  let control = ''
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i] === 'set-cookie') return false
    if (headers[i] === 'cache-control') control += `,${headers[i + 1]!.toLowerCase()}`
  }
  return /(?:max-age|s-maxage)=[1-9]/.test(control) && !/no-store|private|no-cache/.test(control)
}

function judge(advice: CacheAdvice, counts: Map<string, number>): void {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const worst = [...counts].filter(([reason]) => !PASSING.has(reason)).sort((a, b) => b[1] - a[1])[0]
  const [reason, count] = worst ?? [[...counts.keys()][0] ?? '', total]
  const { sentence, hint } = cacheCause(reason)
  Object.assign(advice, { reason, reasonShare: total === 0 ? null : count / total, sentence, hint })
}
