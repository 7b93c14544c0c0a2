// GET /api/v1/upstreams: how upstreams did over the scope, joined with how they are now.
import type { TimelineEvent, UpstreamRow } from '../../control/admin/contract.ts'
import { outcomeOf } from '../outcome.ts'
import type { UpstreamState } from '../record.ts'
import { Trend, trendTier } from './buckets.ts'
import { askOf, type Context } from './context.ts'
import { FigureSum } from './figures.ts'
import type { Params } from './questions.ts'
import { type Ask, eachAttempt } from './source.ts'
import { timeline } from './timeline.ts'

export function upstreams(params: Params<'upstreams'>, context: Context): UpstreamRow[] {
  const ask = askOf(context, params.scope)
  return upstreamRows(ask, params.upstreams, timeline(context.reader, ask.range))
}

interface Sum {
  route: string
  upstream: string
  figures: FigureSum
  failures: number
  trend: Trend
  lastError: string
  lastErrorAt: number
}

/** One row per route and upstream that is configured now or was asked in the scope. */
export function upstreamRows(ask: Ask, states: UpstreamState[], events: TimelineEvent[]): UpstreamRow[] {
  const sums = sumAttempts(ask)
  const attemptsOf = new Map<string, number>()
  for (const sum of sums.values()) {
    attemptsOf.set(sum.route, (attemptsOf.get(sum.route) ?? 0) + sum.figures.requests)
  }
  const stateOf = new Map(states.map(state => [keyOf(state), state]))
  for (const state of states) if (!sums.has(keyOf(state))) sums.set(keyOf(state), emptySum(ask, state))
  return [...sums].map(([key, sum]) => toRow(sum, stateOf.get(key), attemptsOf.get(sum.route) ?? 0, events))
}

const keyOf = (of: { route: string; upstream: string }): string => `${of.route}\n${of.upstream}`

const emptySum = (ask: Ask, of: { route: string; upstream: string }): Sum => ({
  route: of.route,
  upstream: of.upstream,
  figures: new FigureSum(),
  failures: 0,
  trend: new Trend(ask.range),
  lastError: '',
  lastErrorAt: 0,
})

function sumAttempts(ask: Ask): Map<string, Sum> {
  const sums = new Map<string, Sum>()
  eachAttempt(ask, trendTier(ask.range), portion => {
    const sum = sums.get(keyOf(portion)) ?? emptySum(ask, portion)
    sums.set(keyOf(portion), sum)
    sum.figures.add(portion)
    sum.trend.add(portion.at, portion.count)
    if (outcomeOf(portion.status, portion.error) !== 'server') return
    sum.failures += portion.count
    if (portion.at < sum.lastErrorAt) return
    sum.lastErrorAt = portion.at
    sum.lastError = portion.error === '' ? `status ${portion.status}` : portion.error
  })
  return sums
}

/** @param state absent: it is no longer configured */
function toRow(
  sum: Sum,
  state: UpstreamState | undefined,
  groupAttempts: number,
  events: TimelineEvent[],
): UpstreamRow {
  const attempts = sum.figures.requests
  return {
    route: sum.route,
    upstream: sum.upstream,
    state: state?.state ?? 'gone',
    reason: state === undefined ? 'No longer configured.' : state.reason,
    outUntil: state === undefined || state.outUntilMs === 0 ? null : state.outUntilMs,
    share: groupAttempts === 0 ? null : attempts / groupAttempts,
    attempts,
    failures: sum.failures,
    p50Us: sum.figures.percentile(0.5),
    p95Us: sum.figures.percentile(0.95),
    inFlight: state?.inFlight ?? 0,
    connections: state?.connections ?? 0,
    trend: sum.trend.values(events),
    lastError: sum.lastError,
  }
}
