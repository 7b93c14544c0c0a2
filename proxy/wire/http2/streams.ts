// The streams of one connection: which are open, what each side may send, who waits for room (RFC 9113 section 5).
import type { BriefDeadlines } from '../../lib/brief-deadlines.ts'
import { nowMs } from '../../lib/clock.ts'
import { H2 } from '../../lib/http2-codes.ts'
import type { Gate } from '../gate.ts'
import { ClosedStreams } from './closed-streams.ts'
import { FieldWriter } from './fields.ts'
import { DEFAULT_WINDOW, FRAME_BYTES, MAX_31, rstStream, windowUpdate } from './frames.ts'
import type { LiveStream, StreamHost } from './live-stream.ts'
import type { Outbox } from './outbox.ts'

/** What all streams of a client may send before somebody has taken it. */
export const CONNECTION_WINDOW = 1024 * 1024

/** Who wants to know whether there are any. */
export interface StreamsOwner {
  busy(): void
  /** @param atMs monotonic milliseconds */
  idle(atMs: number): void
}

export class Streams implements StreamHost {
  readonly gate: Gate
  readonly deadlines: BriefDeadlines
  readonly outbox: Outbox
  readonly fields = new FieldWriter(FRAME_BYTES)
  window = DEFAULT_WINDOW
  /** The window that the client gives a new stream. */
  initialWindow = DEFAULT_WINDOW
  /** The highest that was taken, and the highest that was opened at all. */
  lastId = 0
  #highest = 0
  readonly #owner: StreamsOwner
  readonly #live = new Map<number, LiveStream>()
  readonly #closed = new ClosedStreams()
  /** What may still come on all streams, and what came and is used up since the client was last told. */
  #receives = CONNECTION_WINDOW
  #credit = 0
  /** For room on the connection: those with a head to send, and those with more of a body. */
  readonly #urgent = new Set<LiveStream>()
  readonly #waiting = new Set<LiveStream>()
  #enlarged = false

  constructor(gate: Gate, deadlines: BriefDeadlines, outbox: Outbox, owner: StreamsOwner) {
    this.gate = gate
    this.deadlines = deadlines
    this.outbox = outbox
    this.#owner = owner
  }

  get open(): number {
    return this.#live.size
  }

  find(id: number): LiveStream | undefined {
    return this.#live.get(id)
  }

  /** Nobody has opened a stream of this number or a higher one. */
  isIdle(id: number): boolean {
    return id > this.#highest || id % 2 === 0
  }

  /**
   * The client opens it.
   * @param late behind our last word: whatever comes of it is let pass (RFC 9113 section 6.8)
   * @returns it is taken
   */
  opens(id: number, late: boolean): boolean {
    this.#highest = id
    if (late) this.#closed.add(id, true)
    else this.lastId = id
    return !late
  }

  /** It was open a moment ago. */
  wasOpen(id: number): boolean {
    return this.#closed.has(id)
  }

  /** We have reset it a moment ago: what comes for it was under way. */
  wasReset(id: number): boolean {
    return this.#closed.wasReset(id)
  }

  add(stream: LiveStream): void {
    this.#live.set(stream.id, stream)
    if (this.#live.size === 1) this.#owner.busy()
  }

  closed(stream: LiveStream, atMs: number): void {
    this.#remove(stream, false, atMs)
  }

  reset(stream: LiveStream, code: number): void {
    if (this.#live.get(stream.id) !== stream) return
    this.outbox.add(rstStream(stream.id, code))
    this.#remove(stream, true, nowMs())
    stream.cut()
  }

  /** As `reset`, for what the client did wrong. */
  blame(stream: LiveStream, code: number): void {
    stream.blame()
    this.reset(stream, code)
  }

  /** It was never added: answered, or reset, at once. @param code null: answered */
  passed(id: number, code: number | null): void {
    this.#closed.add(id, code !== null)
    if (code !== null) this.outbox.add(rstStream(id, code))
  }

  /** So many bytes of DATA. @returns false: more than the client was allowed */
  takes(bytes: number): boolean {
    this.#receives -= bytes
    return this.#receives >= 0
  }

  consumed(bytes: number): void {
    this.#credit += bytes
    if (this.#credit < CONNECTION_WINDOW / 2) return
    this.#receives += this.#credit
    this.outbox.add(windowUpdate(0, this.#credit))
    this.#credit = 0
  }

  wait(stream: LiveStream, urgent: boolean): void {
    if (urgent) this.#urgent.add(stream)
    else this.#waiting.add(stream)
  }

  /** WINDOW_UPDATE, of the connection with 0. @returns 0, or the code of an error of the stream or the connection */
  enlarge(id: number, bytes: number): number {
    const whose = id === 0 ? this : this.#live.get(id)
    if (whose === undefined) return 0
    if (bytes === 0) return H2.PROTOCOL_ERROR
    whose.window += bytes
    if (whose.window > MAX_31) return H2.FLOW_CONTROL_ERROR
    this.#enlarged = true
    if (whose !== this) this.#waiting.add(whose as LiveStream)
    return 0
  }

  /** All that was enlarged by one read at once: windows would fall into ever smaller pieces otherwise. */
  flowEnlarged(): void {
    if (!this.#enlarged) return
    this.#enlarged = false
    this.flow()
  }

  /** There is room on the connection again. */
  flow(): void {
    this.#flow(this.#urgent, false)
    this.#flow(this.#waiting, true)
  }

  /** @param window of new streams from now on; open ones get the difference. @returns false: one of them overflows */
  resize(window: number): boolean {
    const more = window - this.initialWindow
    this.initialWindow = window
    for (const stream of this.#live.values()) {
      stream.window += more
      if (stream.window > MAX_31) return false
    }
    if (more > 0) for (const stream of [...this.#live.values()]) stream.flow()
    return true
  }

  /** The connection is over. */
  cutAll(): void {
    const streams = [...this.#live.values()]
    this.#live.clear()
    this.#urgent.clear()
    this.#waiting.clear()
    for (const stream of streams) stream.cut()
  }

  #remove(stream: LiveStream, reset: boolean, atMs: number): void {
    if (!this.#live.delete(stream.id)) return
    this.#urgent.delete(stream)
    this.#waiting.delete(stream)
    this.#closed.add(stream.id, reset)
    if (this.#live.size === 0) this.#owner.idle(atMs)
  }

  /** In the order in which they came, as far as there is room; who has more comes back behind the others. */
  #flow(waiting: Set<LiveStream>, data: boolean): void {
    let { size } = waiting
    for (const stream of waiting) {
      if (size-- === 0 || this.outbox.full || (data && this.window <= 0)) return
      waiting.delete(stream)
      stream.flow()
    }
  }
}
