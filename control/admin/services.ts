// What the admin server needs from the control process: live values, stored answers, explain and reload.
import type { WantedEntries } from '../../proxy/stages/cache/disk/listed-entry.ts'
import type { Purge } from '../../proxy/stages/cache/purge/purge.ts'
import type { Answer, Params, QuestionName } from '../../telemetry/query/questions.ts'
import type { UpstreamState } from '../../telemetry/record.ts'
import type { ExplainRequest, Explanation, LiveEvent, ReloadOutcome, Tick } from './contract.ts'
import type { CacheEntryPage, PurgeOutcome } from './contract-cache.ts'
import type { Status } from './contract-status.ts'

/** The control process implements it from Query, Live, Counters, the supervisor and reload. */
export interface AdminServices {
  /** `Query.ask`. Rejects with QueryError: 422 with a position, 503 not answered in time. */
  ask<Q extends QuestionName>(question: Q, params: Params<Q>): Promise<Answer<Q>>
  status(): Promise<Status>
  /** `Counters.upstreams()`: one entry per route and upstream, merged over the workers. */
  upstreamStates(): UpstreamState[]
  /** `Counters.inFlight`: exchanges under way. */
  inFlight(): number
  /** `Live.ticks()`: the last quarter of an hour, oldest first. */
  ticks(): readonly Tick[]
  /**
   * `Live.subscribe`: calls the listener at once with the newest rows that match, then with what happens.
   * @returns ends it
   * @throws QueryError 422 when the filter is wrong, RangeError when too many watch
   */
  subscribe(q: string, listener: (event: LiveEvent) => void): () => void
  /** Rejects with QueryError 422 when the request cannot be understood (not a URL, not a method). */
  explain(request: ExplainRequest): Promise<Explanation>
  /** In every worker's memory and on disk. */
  purge(purge: Purge): Promise<PurgeOutcome>
  /** What the cache holds in the workers' memory. */
  cached(wanted: WantedEntries): Promise<CacheEntryPage>
  /** Resolves also when the file is refused: `ok` is false then. */
  reload(): Promise<ReloadOutcome>
  /** `renderMetrics`: the answer to a scrape in the form that the Accept header asks for. */
  metrics(accept: string): Promise<{ contentType: string; body: string }>
  /** Configuration in force and at least one worker serving. */
  ready(): boolean
}
