// The control process's hand on the store thread: bounded sending, acknowledgements, restart, health.
import { Worker } from 'node:worker_threads'
import type { TimelineEvent } from '../../control/admin/contract.ts'
import { threadUrl } from '../thread-url.ts'
import { Backlog } from './backlog.ts'
import { prepareDataDir } from './data-dir.ts'
import type { FromStore, StoreSettings, ToStore } from './messages.ts'

const DEFAULTS = { maxAgeDays: 7, maxBytes: 2 * 1024 ** 3, ballastBytes: 4 * 1024 ** 2, retryMs: 3000 }
const RESTART_MIN_MS = 500
const RESTART_MAX_MS = 30_000
const LIMITS = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 }

export interface StoreHealth {
  /** '' when all is well, else a sentence: why telemetry is being dropped. */
  degraded: string
  /** Raw records that reached the control process and were not stored, since start. */
  droppedRecords: number
  /** Record frames sent and not yet acknowledged. */
  queueLength: number
}

/**
 * The only way to the SQLite files for writing.
 *
 *     const store = Store.open({ dataDir })          // throws when the directory is not writable
 *     store.records(json); store.tally(json)         // payloads of frames, unparsed; never block
 *     store.event({ at, kind, text, until })
 *     store.onEvent(event => …)                      // the store's own events (degraded, recovered, set aside)
 *     await store.close()
 */
export class Store {
  /** Resolves when the databases are open for the first time, or known not to open just now. */
  readonly ready: Promise<void>
  readonly #settings: StoreSettings
  readonly #listeners = new Set<(event: TimelineEvent) => void>()
  readonly #flushes = new Map<number, () => void>()
  readonly #backlog = new Backlog()
  #flushId = 0
  #degraded = ''
  #restartMs = RESTART_MIN_MS
  #closing = false
  #thread: Worker | null = null
  #restart: NodeJS.Timeout | undefined
  #resolveReady: () => void = () => {}

  private constructor(settings: StoreSettings) {
    this.#settings = settings
    this.ready = new Promise(resolve => {
      this.#resolveReady = resolve
    })
    this.#start()
  }

  /**
   * @param options `dataDir`, and what differs from the defaults (7 days, 2 GB)
   * @throws Error `data directory …: not writable (EACCES)`
   */
  static open(options: { dataDir: string } & Partial<StoreSettings>): Store {
    prepareDataDir(options.dataDir)
    return new Store({ ...DEFAULTS, processStartedMs: performance.timeOrigin, ...options })
  }

  /** Payload of a `records` frame. False: dropped and counted, because the thread is behind. */
  records(json: string): boolean {
    const taken = this.#backlog.takeRecords(json, this.#thread !== null, Date.now())
    if (taken) this.#send({ type: 'records', json })
    return taken
  }

  /** Payload of a `tally` frame. Never dropped: kept here until the thread has it. */
  tally(json: string): void {
    this.#send({ type: 'tally', ...this.#backlog.takeTally(json) })
    const gap = this.#backlog.settled(Date.now())
    if (gap === null) return
    this.event(gap)
    this.#tell(gap)
  }

  /** Writes to the timeline. The caller tells its own listeners; `onEvent` is for the store's events. */
  event(event: TimelineEvent): void {
    this.#send({ type: 'event', event })
  }

  /** The store's own events: degraded, recovered, a file set aside. @returns stops listening */
  onEvent(listener: (event: TimelineEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get health(): StoreHealth {
    const behind = this.#backlog.isBehind
      ? 'Rows are being dropped: they come faster than they can be written.'
      : ''
    return {
      degraded: this.#degraded || behind,
      droppedRecords: this.#backlog.droppedRows,
      queueLength: this.#backlog.length,
    }
  }

  /** Resolves when all that was sent before is on disk, or held by a thread that cannot write just now. */
  flush(): Promise<void> {
    const id = ++this.#flushId
    return new Promise(resolve => {
      this.#flushes.set(id, resolve)
      this.#send({ type: 'flush', id })
    })
  }

  /** Flushes, closes the databases and ends the thread; cut at the deadline. */
  async close(deadlineMs = 5000): Promise<void> {
    this.#closing = true
    clearTimeout(this.#restart)
    const thread = this.#thread
    if (thread === null) return
    const gone = new Promise<void>(resolve => thread.once('exit', () => resolve()))
    this.#send({ type: 'close' })
    const cut = setTimeout(() => void thread.terminate(), deadlineMs)
    await gone
    clearTimeout(cut)
  }

  #send(message: ToStore): void {
    this.#thread?.postMessage(message)
  }

  #tell(event: TimelineEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  #start(): void {
    this.#degraded = ''
    const thread = new Worker(threadUrl(import.meta.url, 'thread'), {
      workerData: this.#settings,
      resourceLimits: LIMITS,
      name: 'oriel-store',
    })
    this.#thread = thread
    thread.on('message', (message: FromStore) => this.#receive(message))
    thread.on('error', error => {
      this.#degraded = `The store thread failed: ${error instanceof Error ? error.message : String(error)}.`
    })
    thread.on('exit', () => this.#exited())
    for (const tally of this.#backlog.tallies) this.#send({ type: 'tally', ...tally })
    for (const id of this.#flushes.keys()) this.#send({ type: 'flush', id })
  }

  #receive(message: FromStore): void {
    switch (message.type) {
      case 'ready':
        this.#restartMs = RESTART_MIN_MS
        this.#resolveReady()
        return
      case 'recordsDone':
        return this.#backlog.recordsDone(message.droppedRows)
      case 'tallied':
        return this.#backlog.tallied(message.sequence)
      case 'degraded':
        this.#degraded = message.reason
        return
      case 'event':
        return this.#tell(message.event)
      case 'flushed':
        this.#flushes.get(message.id)?.()
        this.#flushes.delete(message.id)
    }
  }

  /** A thread that ends unasked is started again; it marks the gap itself. */
  #exited(): void {
    this.#thread = null
    this.#backlog.threadGone()
    if (this.#closing) {
      for (const resolve of this.#flushes.values()) resolve()
      this.#flushes.clear()
      return
    }
    this.#restart = setTimeout(() => this.#start(), this.#restartMs).unref()
    this.#restartMs = Math.min(RESTART_MAX_MS, this.#restartMs * 2)
  }
}
