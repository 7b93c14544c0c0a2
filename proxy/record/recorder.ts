// Every finished exchange passes here once: counted always, kept as a row within the budget.
import type { CacheVerdict, ErrorType, ExchangeRecord } from '../../telemetry/record.ts'
import { isGrpcFailure } from '../lib/grpc.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import { Rejects } from './rejects.ts'
import { Sampler } from './sampler.ts'
import { Tally } from './tally.ts'
import { toRecord } from './to-record.ts'

export interface RecorderOptions {
  worker: number
  /** This worker's share. */
  rowsPerSecond: number
  headersPerSecond: number
  slowMs: number
}

/** A kind of which no row was kept for this long is rare. */
const RARE_MS = 10_000
/** Raw records waiting for the pipe; beyond it new ones are dropped and counted. */
const QUEUE_MAX = 4096

/** A batch worth sending before its time. */
const BATCH = 512

/** Failures that are the client's or the limiter's doing. */
const NOT_OURS = new Set<ErrorType | ''>(['client_aborted', 'rate_limited', 'no_route', 'request_too_large'])

export class Recorder {
  readonly tally = new Tally()
  readonly rejects = { http: new Rejects(), tls: new Rejects() }
  droppedRecords = 0
  /** Called when a batch of rows is waiting. */
  onBatch: () => void = () => {}
  sampledOut = 0
  #options: RecorderOptions
  #sampler: Sampler
  #queue: ExchangeRecord[] = []
  #headersWindowMs = 0
  #headersTaken = 0

  constructor(options: RecorderOptions) {
    this.#options = options
    this.#sampler = new Sampler(options.rowsPerSecond)
  }

  /** A reload may change the budgets. */
  configure(options: RecorderOptions): void {
    if (options.rowsPerSecond !== this.#options.rowsPerSecond)
      this.#sampler = new Sampler(options.rowsPerSecond)
    this.#options = options
  }

  get worker(): number {
    return this.#options.worker
  }

  /** @param route the route's name, `_unmatched` or `_rejected` */
  exchange(x: Exchange, route: string): void {
    const now = x.touch()
    const durationUs = Math.round((now - x.startMs) * 1000)
    if (x.status === 0) x.status = 499
    const cell = this.#count(x, route, durationUs)
    const kept = this.#sampler.decide(
      {
        failed: x.status >= 500 || (x.error !== '' && !NOT_OURS.has(x.error)) || isGrpcFailure(x.grpcStatus),
        slow: durationUs > this.#options.slowMs * 1000,
        limited: x.limited,
        retried: x.attempts.length > 1,
        rare: now - cell.keptMs > RARE_MS,
      },
      now,
    )
    if (kept === undefined) this.sampledOut++
    else if (this.#queue.length >= QUEUE_MAX) this.droppedRecords++
    else {
      cell.keptMs = now
      this.#queue.push(toRecord(x, route, durationUs, kept, this.#options.worker, this.#takesHeaders(now)))
      if (this.#queue.length === BATCH) this.onBatch()
    }
  }

  take(): ExchangeRecord[] {
    const taken = this.#queue
    this.#queue = []
    return taken
  }

  #count(x: Exchange, route: string, durationUs: number): { keptMs: number } {
    const { method, protocol } = x
    let upstream = ''
    for (const attempt of x.attempts) {
      upstream = attempt.upstream
      const us = Math.max(0, (attempt.endUs < 0 ? durationUs : attempt.endUs) - attempt.startUs)
      const { status, error } = attempt
      const what = {
        kind: 'client' as const,
        route,
        upstream,
        method,
        status,
        cache: 'none' as CacheVerdict,
        protocol: '',
        error,
      }
      this.tally.add(what, us, 0, 0, x.traceId)
    }
    const { status, cache, error } = x
    const what = { kind: 'server' as const, route, upstream, method, status, cache, protocol, error }
    return this.tally.add(what, durationUs, x.inBytes, x.outBytes, x.traceId)
  }

  #takesHeaders(now: number): boolean {
    if (now - this.#headersWindowMs >= 1000) {
      this.#headersWindowMs = now
      this.#headersTaken = 0
    }
    return this.#headersTaken++ < this.#options.headersPerSecond
  }
}
