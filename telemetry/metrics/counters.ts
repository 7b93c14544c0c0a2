// What has happened since the control process started, in memory: merged from tallies and worker states.
import type { TallyCell, UpstreamState, WorkerState } from '../record.ts'
import type { RejectFrame } from '../reject.ts'
import { Family } from './family.ts'
import { mergeUpstreams } from './merge-upstreams.ts'

/**
 * Fed by Ingest, read by `/metrics`, the status page and the upstream tiles.
 * Every exchange is counted exactly once in `server`, every upstream attempt once in `client`.
 */
export class Counters {
  readonly server = new Family()
  readonly client = new Family()
  /** Refused before they were requests, by reason; failed TLS handshakes, by reason. */
  readonly rejects = { http: new Map<string, number>(), tls: new Map<string, number>() }
  readonly #workers = new Map<number, WorkerState>()
  /** Totals of workers that are gone, so that the sums never fall. */
  #droppedByGone = 0
  #sampledOutByGone = 0

  apply(cells: readonly TallyCell[], atMs: number): void {
    for (const cell of cells) (cell.kind === 'server' ? this.server : this.client).add(cell, atMs)
  }

  rejected(frame: RejectFrame): void {
    for (const kind of ['http', 'tls'] as const) {
      const totals = this.rejects[kind]
      for (const [reason, count] of frame[kind]?.counts ?? [])
        totals.set(reason, (totals.get(reason) ?? 0) + count)
    }
  }

  state(state: WorkerState): void {
    const before = this.#workers.get(state.worker)
    if (before !== undefined && before.pid !== state.pid) this.workerGone(state.worker)
    this.#workers.set(state.worker, state)
  }

  /** Forgets a worker's gauges; what it counted stays. */
  workerGone(worker: number): void {
    const state = this.#workers.get(worker)
    if (state === undefined) return
    this.#droppedByGone += state.droppedRecords
    this.#sampledOutByGone += state.sampledOut
    this.#workers.delete(worker)
  }

  /** The last known state of each living worker. */
  get workers(): WorkerState[] {
    return [...this.#workers.values()]
  }

  /** Exchanges under way, all workers. */
  get inFlight(): number {
    return this.#sum(state => state.inFlight)
  }

  /** Raw records that workers dropped because their queue was full. */
  get droppedRecords(): number {
    return this.#droppedByGone + this.#sum(state => state.droppedRecords)
  }

  /** Exchanges counted but not kept as rows. */
  get sampledOut(): number {
    return this.#sampledOutByGone + this.#sum(state => state.sampledOut)
  }

  /** One entry per route and upstream, merged over workers; what Query's questions ask for. */
  upstreams(): UpstreamState[] {
    return mergeUpstreams(this.workers.flatMap(state => state.upstreams))
  }

  #sum(of: (state: WorkerState) => number): number {
    let sum = 0
    for (const state of this.#workers.values()) sum += of(state)
    return sum
  }
}
