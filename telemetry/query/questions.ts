// What can be asked of stored telemetry: each question's parameters and answer.
import type {
  ExchangeDetail,
  ExchangePage,
  Facets,
  Heatmap,
  Overview,
  Scope,
  Series,
  SeriesBy,
  TimelineEvent,
  Trace,
  UpstreamRow,
} from '../../control/admin/contract.ts'
import type { CacheAdvicePage, CacheEntryPage, CacheSort } from '../../control/admin/contract-cache.ts'
import type { UpstreamState } from '../record.ts'

/** Question name → parameters and answer. `upstreams` and `inFlight` come from Counters: they are live. */
export interface Questions {
  overview: { params: { scope: Scope; inFlight: number; upstreams: UpstreamState[] }; answer: Overview }
  series: { params: { scope: Scope; by: SeriesBy; stepMs?: number }; answer: Series }
  heatmap: { params: { scope: Scope }; answer: Heatmap }
  exchanges: { params: { scope: Scope; before: string | null; limit: number }; answer: ExchangePage }
  exchange: { params: { id: string }; answer: ExchangeDetail | null }
  trace: { params: { traceId: string }; answer: Trace | null }
  facets: { params: { scope: Scope }; answer: Facets }
  upstreams: { params: { scope: Scope; upstreams: UpstreamState[] }; answer: UpstreamRow[] }
  events: { params: { from: number; to: number }; answer: TimelineEvent[] }
  cacheEntries: {
    params: {
      host: string
      prefix: string
      tag: string
      sort: CacheSort
      after: string | null
      limit: number
    }
    answer: CacheEntryPage
  }
  cacheAdvice: { params: { scope: Scope }; answer: CacheAdvicePage }
  stored: { params: Record<string, never>; answer: StoredStatus }
}

export interface StoredStatus {
  /** All of the data directory's databases. */
  storedBytes: number
  /** Unix milliseconds of the oldest row, null without one. */
  oldest: number | null
}

export type QuestionName = keyof Questions
export type Params<Q extends QuestionName> = Questions[Q]['params']
export type Answer<Q extends QuestionName> = Questions[Q]['answer']

export interface Question {
  id: number
  /** Unix milliseconds; one that has waited too long is not answered any more. */
  askedMs: number
  name: QuestionName
  params: unknown
}

export type Reply =
  | { id: number; answer: unknown }
  | { id: number; error: { status: number; message: string; position: number | null } }
