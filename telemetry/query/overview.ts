// GET /api/v1/overview: header figures, and the same per route and per upstream.
import type { Overview, RouteRow } from '../../control/admin/contract.ts'
import { Trend, trendTier } from './buckets.ts'
import { askOf, type Context } from './context.ts'
import { FigureSum } from './figures.ts'
import type { Params } from './questions.ts'
import { type Ask, eachExchange } from './source.ts'
import { timeline } from './timeline.ts'
import { upstreamRows } from './upstreams.ts'

interface RouteSum {
  sum: FigureSum
  trend: Trend
  lastSeen: number
}

export function overview(params: Params<'overview'>, context: Context): Overview {
  const { scope, inFlight, upstreams } = params
  const ask = askOf(context, scope)
  const lengthMs = scope.to - scope.from
  const seconds = lengthMs / 1000
  const now = new FigureSum()
  const routes = new Map<string, RouteSum>()
  eachExchange(ask, trendTier(ask.range), portion => {
    now.add(portion)
    const route = routes.get(portion.route) ?? {
      sum: new FigureSum(),
      trend: new Trend(ask.range),
      lastSeen: 0,
    }
    routes.set(portion.route, route)
    route.sum.add(portion)
    route.trend.add(portion.at, portion.count)
    route.lastSeen = Math.max(route.lastSeen, portion.at)
  })
  const events = timeline(context.reader, ask.range)
  const rows = [...routes].map(([route, { sum, trend, lastSeen }]): RouteRow => {
    return { route, ...sum.figures(seconds), lastSeen, trend: trend.values(events) }
  })
  return {
    scope,
    now: now.figures(seconds),
    before: figuresBefore(ask, lengthMs).figures(seconds),
    inFlight,
    routes: rows.sort((a, b) => b.requests - a.requests),
    upstreams: upstreamRows(ask, upstreams, events),
    events,
  }
}

function figuresBefore(ask: Ask, lengthMs: number): FigureSum {
  const before = new FigureSum()
  const range = { from: ask.range.from - lengthMs, to: ask.range.from }
  eachExchange({ ...ask, range }, trendTier(range), portion => before.add(portion))
  return before
}
