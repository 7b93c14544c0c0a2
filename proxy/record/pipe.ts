// The record pipe of a worker: tallies and rows in batches, nothing held that traffic could grow.
import { Socket } from 'node:net'
import { encodeFrame, RECORD_PIPE_FD } from '../../telemetry/frame.ts'
import { toTuple, type WorkerState } from '../../telemetry/record.ts'
import type { RejectFrame } from '../../telemetry/reject.ts'
import { wallMs } from '../lib/clock.ts'
import type { Recorder } from './recorder.ts'

/** Often enough for a live dashboard, seldom enough to cost nothing. */
const FLUSH_MS = 200
const HEARTBEAT_MS = 1000
/** Bytes the pipe may owe before raw records wait (and, when their queue is full, are dropped). */
const PENDING_MAX = 4 * 1024 * 1024
const RECORDS_PER_FRAME = 256

export class RecordPipe {
  readonly #socket: {
    write(data: Buffer): boolean
    readonly writableLength: number
    end(done: () => void): void
  }
  readonly #recorder: Recorder
  readonly #state: () => WorkerState
  readonly #timers: NodeJS.Timeout[] = []

  constructor(recorder: Recorder, state: () => WorkerState) {
    this.#recorder = recorder
    this.#state = state
    const socket = new Socket({ fd: RECORD_PIPE_FD, readable: false, writable: true })
    // Without the control process there is nobody to tell; the disconnect ends this worker.
    socket.on('error', () => {})
    this.#socket = socket
    recorder.onBatch = () => void setImmediate(() => this.flush())
    this.#timers.push(setInterval(() => this.flush(), FLUSH_MS).unref())
    this.#timers.push(setInterval(() => this.#heartbeat(), HEARTBEAT_MS).unref())
  }

  flush(): void {
    const cells = this.#recorder.tally.take()
    if (cells.length > 0) this.#socket.write(encodeFrame('tally', JSON.stringify({ atMs: wallMs(), cells })))
    this.#sendRejects()
    if (this.#socket.writableLength > PENDING_MAX) return
    const records = this.#recorder.take()
    for (let i = 0; i < records.length; i += RECORDS_PER_FRAME) {
      const tuples = records.slice(i, i + RECORDS_PER_FRAME).map(toTuple)
      this.#socket.write(encodeFrame('records', JSON.stringify(tuples)))
    }
  }

  /** Everything out; resolves when the pipe has taken it. */
  close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.flush()
    this.#heartbeat()
    return new Promise(resolve => this.#socket.end(resolve))
  }

  /** Counts, so never dropped; their lines are few. */
  #sendRejects(): void {
    const { http, tls } = this.#recorder.rejects
    const frame: RejectFrame = {}
    const [refused, failed] = [http.take(), tls.take()]
    if (refused !== undefined) frame.http = refused
    if (failed !== undefined) frame.tls = failed
    if (refused ?? failed) this.#socket.write(encodeFrame('rejects', JSON.stringify(frame)))
  }

  #heartbeat(): void {
    this.#socket.write(encodeFrame('state', JSON.stringify(this.#state())))
  }
}
