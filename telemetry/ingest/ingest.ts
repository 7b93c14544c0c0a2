// Where the workers' frames arrive: tallies to the counters, everything to the live view and to the store.
import type { TimelineEvent } from '../../control/admin/contract.ts'
import type { FrameKind } from '../frame.ts'
import type { Counters } from '../metrics/counters.ts'
import type { TallyCell, WorkerState } from '../record.ts'
import type { RejectFrame } from '../reject.ts'
import type { Store } from '../store/store.ts'
import type { Live } from './live.ts'

/**
 *     const counters = new Counters()
 *     const live = new Live()
 *     const ingest = new Ingest({ counters, live, store })
 *     new FrameReader((kind, json) => ingest.frame(workerId, kind, json))
 *     ingest.event(event)                       // reloads, ejections, starts: timeline and live stream
 *     ingest.workerDied(workerId, lastFrameMs)
 */
export class Ingest {
  readonly #counters: Counters
  readonly #live: Live
  readonly #store: Store

  constructor(parts: { counters: Counters; live: Live; store: Store }) {
    this.#counters = parts.counters
    this.#live = parts.live
    this.#store = parts.store
    this.#store.onEvent(event => this.#live.event(event))
  }

  /** One frame of one worker, payload unparsed. @throws SyntaxError when the payload is not JSON */
  frame(_workerId: number, kind: FrameKind, json: string): void {
    if (kind === 'records') {
      this.#live.records(json)
      this.#store.records(json)
    } else if (kind === 'tally') {
      const tally = JSON.parse(json) as { atMs: number; cells: TallyCell[] }
      this.#counters.apply(tally.cells, tally.atMs)
      this.#live.tally(tally.cells)
      this.#store.tally(json)
    } else if (kind === 'rejects') this.#counters.rejected(JSON.parse(json) as RejectFrame)
    else {
      const state = JSON.parse(json) as WorkerState
      this.#counters.state(state)
      this.#live.inFlight = this.#counters.inFlight
    }
  }

  /** Something happened that people should see on every time axis. */
  event(event: TimelineEvent): void {
    this.#store.event(event)
    this.#live.event(event)
  }

  /** A worker ended without saying goodbye: what it did since its last frame is a gap, and marked as one. */
  workerDied(worker: number, lastFrameMs: number, nowMs = Date.now()): void {
    this.workerLeft(worker)
    const text = `Worker ${worker} died. What it did after its last report is not recorded.`
    this.event({ at: lastFrameMs, kind: 'worker', text, until: nowMs })
  }

  /** A worker ended in good order, after its last frame. */
  workerLeft(worker: number): void {
    this.#counters.workerGone(worker)
    this.#live.inFlight = this.#counters.inFlight
  }
}
