// Starts the workers, keeps them running, hands them configurations, and ends them in good order.
import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config/schema.ts'
import type {
  Certificate,
  ControlMessage,
  DryRequest,
  DryResult,
  HealthWord,
  ListenerName,
  PurgedInMemory,
  WorkerMessage,
} from '../proxy/messages.ts'
import type { MemoryList, WantedEntries } from '../proxy/stages/cache/disk/listed-entry.ts'
import type { Purge } from '../proxy/stages/cache/purge/purge.ts'
import type { Log } from './log.ts'
import type { BoundListener } from './sockets.ts'
import { WORKER_ARGUMENTS } from './worker-launch.ts'
import { type FrameSink, type SlotHost, WorkerSlot } from './worker-slot.ts'

/** A configuration as the workers get it. */
export interface Issue {
  generation: number
  config: Config
  certificates: Certificate[]
}

export interface Applied {
  /** '' when every worker took it. */
  refusal: string
  disabledRoutes: { route: string; reason: string }[]
}

export interface SupervisorOptions {
  log: Log
  first: Issue
  listeners: Map<ListenerName, BoundListener>
  frames: Promise<FrameSink>
  /** Where the cache's disk tier listens; '' without one. */
  cacheSocket?: string
  /** A worker ended unasked; its replacement is under way. */
  onDied(worker: number, lastSignMs: number, reason: string): void
  onLeft(worker: number): void
  /** Health words that a new worker must hear. */
  downWords(): HealthWord[]
  /** Tests put a small worker here. */
  exec?: string
}

const APPLY_MS = 10_000
const EXPLAIN_MS = 2000
const ANSWER_MS = 2000
/** After the grace period: time to write the last records. */
const FLUSH_MS = 1000
const MAX_EXPLAINING = 64

export class Supervisor {
  readonly slots: WorkerSlot[]
  disabledRoutes: { route: string; reason: string }[] = []
  readonly #options: SupervisorOptions
  #issue: Issue
  #explainId = 0
  readonly #explaining = new Map<number, (result: DryResult) => void>()
  readonly #applying = new Map<number, (message: WorkerMessage & { type: 'applied' | 'refused' }) => void>()
  /** By the number of the purge, or of the question, and the worker. */
  readonly #purging = new Map<string, (purged: PurgedInMemory) => void>()
  readonly #listing = new Map<string, (list: MemoryList) => void>()
  #listId = 0
  readonly #waiting = new Set<() => void>()

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#issue = options.first
    cluster.setupPrimary({
      exec:
        options.exec ??
        fileURLToPath(new URL(`../proxy/worker${import.meta.url.slice(-3)}`, import.meta.url)),
      args: [],
      execArgv: [...WORKER_ARGUMENTS],
      // 4: the record pipe.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    })
    const host = this.#host()
    const count = options.first.config.workers
    this.slots = Array.from({ length: count }, (_, index) => new WorkerSlot(index, host))
  }

  /** Starts every worker; resolves when all serve. Rejects when that takes longer than the deadline. */
  async start(deadlineMs = 15_000): Promise<void> {
    for (const slot of this.slots) slot.spawn()
    const serving = () => this.slots.every(slot => slot.serving)
    if (!(await this.#until(serving, deadlineMs))) throw new Error('the workers did not start in time')
  }

  /** Workers have this configuration from now on, also those that start later. */
  async apply(issue: Issue): Promise<Applied> {
    const before = this.#issue
    this.#issue = issue
    const outcomes = await Promise.all(
      this.slots.filter(slot => slot.serving).map(slot => this.#applyTo(slot)),
    )
    const refusal = outcomes.find(outcome => outcome.refusal !== '')?.refusal ?? ''
    if (refusal !== '') {
      // All workers run the same: those that took it go back.
      this.#issue = { ...before, generation: issue.generation }
      for (const slot of this.slots) slot.send(this.#configMessage())
      return { refusal, disabledRoutes: this.disabledRoutes }
    }
    return { refusal: '', disabledRoutes: this.disabledRoutes }
  }

  /** What would happen to a request. Rejects when no worker can say. */
  explain(request: DryRequest): Promise<DryResult> {
    const slot = this.slots.find(it => it.serving)
    if (slot === undefined || this.#explaining.size >= MAX_EXPLAINING) {
      return Promise.reject(new Error('no worker is free to explain; try again'))
    }
    const id = ++this.#explainId
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#explaining.delete(id)
        reject(new Error('the worker did not answer in time'))
      }, EXPLAIN_MS)
      this.#explaining.set(id, result => {
        clearTimeout(timer)
        resolve(result)
      })
      slot.send({ type: 'explain', id, request })
    })
  }

  /** New workers for old ones, one after the other; no connection is refused and no request is lost. */
  async replace(graceMs: number): Promise<void> {
    for (const slot of this.slots) {
      slot.replace(graceMs)
      await this.#until(() => !slot.replacing, APPLY_MS + graceMs)
    }
  }

  health(words: HealthWord[]): void {
    for (const slot of this.slots) slot.send({ type: 'health', words })
  }

  /** @returns what each worker says; null of one that did not answer in time */
  purge(epoch: number, purge: Purge): Promise<(PurgedInMemory | null)[]> {
    return this.#askAll(this.#purging, epoch, { type: 'purge', epoch, purge })
  }

  /** What each worker's cache holds in memory; null of one that did not answer in time. */
  cached(wanted: WantedEntries): Promise<(MemoryList | null)[]> {
    const id = ++this.#listId
    return this.#askAll(this.#listing, id, { type: 'list', id, wanted })
  }

  #askAll<T>(
    waiting: Map<string, (answer: T) => void>,
    id: number,
    message: ControlMessage,
  ): Promise<(T | null)[]> {
    const ask = (slot: WorkerSlot) =>
      new Promise<T | null>(resolve => {
        const key = `${id} ${slot.index}`
        const done = (answer: T | null) => {
          clearTimeout(timer)
          waiting.delete(key)
          resolve(answer)
        }
        // One that dies meanwhile has forgotten everything.
        const timer = setTimeout(() => done(null), ANSWER_MS)
        waiting.set(key, done)
        slot.send(message)
      })
    return Promise.all(this.slots.filter(slot => slot.serving).map(ask))
  }

  /** Ends all workers within the grace period; whoever is left then is cut. */
  async drain(graceMs: number): Promise<void> {
    for (const slot of this.slots) slot.drain(graceMs)
    const gone = () => this.slots.every(slot => !slot.running)
    if (await this.#until(gone, graceMs + FLUSH_MS)) return
    this.kill()
    await this.#until(gone, 1000)
  }

  kill(): void {
    for (const slot of this.slots) slot.kill('was cut')
  }

  #configMessage(): ControlMessage {
    return { type: 'config', ...this.#issue }
  }

  #host(): SlotHost {
    const { log, listeners, frames, cacheSocket = '', onDied, onLeft } = this.#options
    return {
      log,
      frames,
      cacheSocket,
      sockets: [...listeners].map(([name, { handles }]) => ({ name, handles })),
      configMessage: () => this.#configMessage(),
      onMessage: (slot, message) => this.#hear(slot, message),
      onDied: (slot, lastSignMs, reason) => {
        onDied(slot.index, lastSignMs, reason)
        this.#changed()
      },
      onReplaced: () => this.#changed(),
      onLeft: slot => {
        onLeft(slot.index)
        this.#changed()
      },
    }
  }

  #hear(slot: WorkerSlot, message: WorkerMessage): void {
    if (message.type === 'explained') {
      this.#explaining.get(message.id)?.(message.result)
      this.#explaining.delete(message.id)
    } else if (message.type === 'purged') {
      this.#purging.get(`${message.epoch} ${slot.index}`)?.(message.purged)
    } else if (message.type === 'listed') {
      this.#listing.get(`${message.id} ${slot.index}`)?.(message.list)
    } else if (message.type === 'applied' || message.type === 'refused') {
      this.#applying.get(slot.index)?.(message)
      if (message.type === 'refused') return
      // Its configuration was on the way when a newer one was applied.
      if (message.generation < this.#issue.generation) slot.send(this.#configMessage())
      this.disabledRoutes = message.disabledRoutes
      const words = this.#options.downWords()
      if (words.length > 0) slot.send({ type: 'health', words })
    }
    this.#changed()
  }

  #applyTo(slot: WorkerSlot): Promise<{ refusal: string }> {
    const { generation } = this.#issue
    return new Promise(resolve => {
      const done = (refusal: string) => {
        clearTimeout(timer)
        this.#applying.delete(slot.index)
        resolve({ refusal })
      }
      // A worker that hangs is replaced by its watchdog and starts with the new configuration.
      const timer = setTimeout(() => done(''), APPLY_MS)
      this.#applying.set(slot.index, message => {
        if (message.generation === generation) done(message.type === 'refused' ? message.reason : '')
      })
      slot.send(this.#configMessage())
    })
  }

  #changed(): void {
    for (const check of this.#waiting) check()
  }

  #until(condition: () => boolean, deadlineMs: number): Promise<boolean> {
    return new Promise(resolve => {
      const done = (met: boolean) => {
        clearTimeout(timer)
        this.#waiting.delete(check)
        resolve(met)
      }
      const check = () => {
        if (condition()) done(true)
      }
      const timer = setTimeout(() => done(condition()), deadlineMs)
      this.#waiting.add(check)
      check()
    })
  }
}
