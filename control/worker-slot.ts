// One worker slot: a process, its way to serving, its heartbeat, and its replacement when it dies.
import cluster, { type Worker } from 'node:cluster'
import type { Readable } from 'node:stream'
import type { ControlMessage, ListenerName, WorkerMessage } from '../proxy/messages.ts'
import { type FrameKind, FrameReader, RECORD_PIPE_FD } from '../telemetry/frame.ts'
import { Backoff } from './backoff.ts'
import type { Log } from './log.ts'
import type { BoundHandle } from './sockets.ts'
import { WORKER_ENVIRONMENT } from './worker-launch.ts'

export type FrameSink = (worker: number, kind: FrameKind, json: string) => void

/** What a slot needs of its supervisor. */
export interface SlotHost {
  readonly log: Log
  /** The configuration in force. */
  configMessage(): ControlMessage
  readonly sockets: { name: ListenerName; handles: BoundHandle[] }[]
  /** Where records go; until it is there they wait in the pipe. */
  readonly frames: Promise<FrameSink>
  /** Where the cache's disk tier listens; '' without one. */
  readonly cacheSocket: string
  onMessage(slot: WorkerSlot, message: WorkerMessage): void
  onDied(slot: WorkerSlot, lastFrameMs: number, reason: string): void
  onLeft(slot: WorkerSlot): void
  /** The old worker of a replaced one has ended. */
  onReplaced(slot: WorkerSlot): void
}

/** A worker that has not said this long that it lives is replaced. */
const SILENCE_MS = 10_000
const WATCH_MS = 1000
/** Beyond its grace a leaving worker has so long to write its last records. */
const CUT_MS = 2000

export class WorkerSlot {
  readonly index: number
  restarts = 0
  serving = false
  readonly #host: SlotHost
  readonly #backoff = new Backoff()
  #worker: Worker | undefined
  /** The one that a new worker replaces: it ends what it has once the new one serves. */
  #leaving: Worker | undefined
  #graceMs = 0
  #given = false
  #listening = 0
  #lastSignMs = 0
  #ending = false
  #killReason = ''
  #respawn: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined

  constructor(index: number, host: SlotHost) {
    this.index = index
    this.#host = host
  }

  get pid(): number | undefined {
    return this.#worker?.process.pid
  }

  get running(): boolean {
    return this.#worker !== undefined || this.#leaving !== undefined
  }

  /** A new worker is taking over, or the old one still has exchanges to end. */
  get replacing(): boolean {
    return this.#leaving !== undefined
  }

  /** A new worker takes this one's place. The old one accepts until then, and gets `graceMs` for what it has. */
  replace(graceMs: number): void {
    if (!this.serving || this.#leaving !== undefined || this.#ending) return
    this.#leaving = this.#worker
    this.#graceMs = graceMs
    this.serving = false
    clearInterval(this.#watch)
    this.spawn()
  }

  spawn(): void {
    const worker = cluster.fork({
      ...WORKER_ENVIRONMENT,
      ORIEL_WORKER: String(this.index),
      ORIEL_CACHE_SOCKET: this.#host.cacheSocket,
    })
    this.#worker = worker
    this.#listening = 0
    this.#given = false
    this.#killReason = ''
    this.#lastSignMs = Date.now()
    worker.on('message', (message: WorkerMessage) => this.#hear(worker, message))
    // A send to a worker that is just dying fails; its exit is what counts.
    worker.on('error', error =>
      this.#host.log.debug({ worker: this.index, error: error.message }, 'worker channel'),
    )
    worker.once('exit', (code, signal) => this.#exited(worker, code, signal))
    this.#readFrames(worker)
    this.#watch = setInterval(() => this.#checkSign(), WATCH_MS).unref()
  }

  send(message: ControlMessage): void {
    const worker = this.#worker
    if (worker?.isConnected()) worker.send(message)
  }

  /** Asks it to end; it is not replaced. */
  drain(graceMs: number): void {
    this.#ending = true
    this.serving = false
    clearTimeout(this.#respawn)
    this.send({ type: 'drain', graceMs })
    this.#dismiss(graceMs)
  }

  kill(reason: string): void {
    this.#killReason = reason
    this.#worker?.process.kill('SIGKILL')
    this.#leaving?.process.kill('SIGKILL')
  }

  #hear(worker: Worker, message: WorkerMessage): void {
    if (worker !== this.#worker) return
    this.#lastSignMs = Date.now()
    if (message.type === 'hello') this.send(this.#host.configMessage())
    else if (message.type === 'applied' && !this.#given) this.#sendSockets(worker)
    else if (message.type === 'refused' && this.#listening === 0)
      this.kill(`refused its configuration: ${message.reason}`)
    else if (message.type === 'listen-failed')
      this.kill(`could not listen (${message.listener}: ${message.code})`)
    else if (message.type === 'listening') this.#listens()
    this.#host.onMessage(this, message)
  }

  #listens(): void {
    this.serving = ++this.#listening >= this.#host.sockets.length
    if (this.serving) this.#dismiss(this.#graceMs)
  }

  /** Whoever does not go by itself is cut. */
  #dismiss(graceMs: number): void {
    const old = this.#leaving
    if (old === undefined) return
    if (old.isConnected()) old.send({ type: 'drain', graceMs } satisfies ControlMessage)
    const cut = setTimeout(() => old.process.kill('SIGKILL'), graceMs + CUT_MS)
    old.once('exit', () => clearTimeout(cut))
  }

  #sendSockets(worker: Worker): void {
    this.#given = true
    for (const { name, handles } of this.#host.sockets) {
      const message: ControlMessage = { type: 'listen', listener: name }
      worker.process.send?.(message, handles[this.index] as never)
    }
  }

  #readFrames(worker: Worker): void {
    const pipe = worker.process.stdio[RECORD_PIPE_FD] as Readable
    pipe.on('error', () => {})
    void this.#host.frames.then(sink => {
      const reader = new FrameReader((kind, json) => {
        this.#lastSignMs = Date.now()
        // One slot has one set of gauges, and its sums must not fall: the new worker's wait for the old one's last.
        if (kind !== 'state' || this.#leaving === undefined || worker === this.#leaving)
          sink(this.index, kind, json)
      })
      pipe.on('data', (chunk: Buffer) => {
        try {
          reader.push(chunk)
        } catch (error) {
          // Nothing after a broken frame can be read: only this worker's telemetry ends.
          this.#host.log.error({ worker: this.index, error: String(error) }, 'record pipe is broken')
          pipe.destroy()
        }
      })
    })
  }

  #checkSign(): void {
    if (Date.now() - this.#lastSignMs < SILENCE_MS) return
    this.kill(`gave no sign of life for ${SILENCE_MS / 1000} s`)
  }

  #exited(worker: Worker, code: number | null, signal: string | null): void {
    if (worker === this.#leaving) {
      this.#leaving = undefined
      this.#host.onReplaced(this)
    }
    if (worker !== this.#worker) return
    clearInterval(this.#watch)
    this.#worker = undefined
    this.serving = false
    if (this.#ending) {
      this.#host.onLeft(this)
      return
    }
    const reason =
      this.#killReason || (signal === null ? `exited with code ${code}` : `was ended by ${signal}`)
    this.restarts++
    const waitMs = this.#backoff.next(Date.now())
    if (waitMs === 0) this.spawn()
    else this.#respawn = setTimeout(() => this.spawn(), waitMs)
    this.#host.onDied(this, this.#lastSignMs, reason)
  }
}
