// GET /api/v1/series: the charts over time, grouped by one name.
import type { Series, SeriesBy } from '../../control/admin/contract.ts'
import { OUTCOMES, outcomeOf } from '../outcome.ts'
import { bucketIndexOf, bucketsOf, widestTier } from './buckets.ts'
import { askOf, type Context } from './context.ts'
import { FigureSum } from './figures.ts'
import type { Params } from './questions.ts'
import { eachExchange, type Portion } from './source.ts'
import { orUnknown, timeline } from './timeline.ts'

const WANTED_BUCKETS = 120
/** Lines of a chart; the rest together are `other`. */
const MAX_GROUPS = 20

export function series(params: Params<'series'>, context: Context): Series {
  const ask = askOf(context, params.scope)
  const { stepMs, times } = bucketsOf(ask.range, WANTED_BUCKETS, ask.nowMs, params.stepMs)
  const sums = times.map(() => new FigureSum())
  const groups = new Map<string, number[]>()
  eachExchange(ask, widestTier(stepMs), portion => {
    const bucket = bucketIndexOf({ stepMs, times }, portion.at)
    sums[bucket]!.add(portion)
    const name = GROUP_OF[params.by](portion)
    const counts = groups.get(name) ?? times.map(() => 0)
    groups.set(name, counts)
    counts[bucket]! += portion.count
  })
  const events = timeline(context.reader, ask.range)
  const known = (of: (sum: FigureSum) => number): (number | null)[] =>
    sums.map((sum, i) => {
      const from = times[i]!
      return sum.requests > 0 ? of(sum) : orUnknown(0, { from, to: from + stepMs }, events)
    })
  const unknown = known(sum => sum.requests).map(count => count === null)
  return {
    scope: params.scope,
    stepMs,
    times,
    groups: ordered(groups, params.by).map(({ name, counts }) => {
      return { name, counts: counts.map((count, i) => (unknown[i] ? null : count)) }
    }),
    errorShare: sums.map(sum => sum.errorShare),
    cacheShare: sums.map(sum => sum.cacheShare),
    outBytes: known(sum => sum.outBytes),
    p50Us: sums.map(sum => sum.percentile(0.5)),
    p95Us: sums.map(sum => sum.percentile(0.95)),
    p99Us: sums.map(sum => sum.percentile(0.99)),
    events,
  }
}

/** `status` groups have the names of Tick.byStatus, so that live and stored charts are one. */
const GROUP_OF: Record<SeriesBy, (portion: Portion) => string> = {
  status: portion => outcomeOf(portion.status, portion.error),
  route: portion => portion.route,
  upstream: portion => portion.upstream || 'none',
  cache: portion => portion.cache || 'none',
  method: portion => portion.method,
}

function ordered(groups: Map<string, number[]>, by: SeriesBy): { name: string; counts: number[] }[] {
  if (by === 'status') {
    return OUTCOMES.flatMap(name => (groups.has(name) ? [{ name, counts: groups.get(name)! }] : []))
  }
  const total = (counts: number[]): number => counts.reduce((a, b) => a + b, 0)
  const all = [...groups]
    .map(([name, counts]) => ({ name, counts }))
    .sort((a, b) => total(b.counts) - total(a.counts))
  if (all.length <= MAX_GROUPS) return all
  const rest = all.splice(MAX_GROUPS - 1)
  const counts = rest[0]!.counts.map((_, i) => rest.reduce((sum, group) => sum + group.counts[i]!, 0))
  return [...all, { name: 'other', counts }]
}
