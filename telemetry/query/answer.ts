// The table of questions: name → the function that answers it.
import { cacheAdvice } from './cache-advice.ts'
import { cacheEntries } from './cache-entries.ts'
import type { Context } from './context.ts'
import { exchange } from './exchange.ts'
import { exchanges } from './exchanges.ts'
import { facets } from './facets.ts'
import { heatmap } from './heatmap.ts'
import { overview } from './overview.ts'
import type { Answer, Params, QuestionName } from './questions.ts'
import { series } from './series.ts'
import { stored } from './stored.ts'
import { timeline } from './timeline.ts'
import { trace } from './trace.ts'
import { upstreams } from './upstreams.ts'

type Answerers = { [Q in QuestionName]: (params: Params<Q>, context: Context) => Answer<Q> }

const ANSWERERS: Answerers = {
  overview,
  series,
  heatmap,
  exchanges,
  exchange,
  trace,
  facets,
  upstreams,
  events: (params, context) => timeline(context.reader, params),
  cacheEntries,
  cacheAdvice,
  stored: (_, context) => stored(context),
}

/** @throws QueryError */
export function answer<Q extends QuestionName>(name: Q, params: Params<Q>, context: Context): Answer<Q> {
  return ANSWERERS[name](params, context)
}
