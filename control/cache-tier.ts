// The control process's hand on the cache's disk tier: starts its thread, again when it dies, asks it to purge.
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { DiskHealth } from '../proxy/stages/cache/disk/disk-health.ts'
import type { FromThread, KeeperSettings, ToThread } from '../proxy/stages/cache/disk/messages.ts'
import type { PurgedOnDisk } from '../proxy/stages/cache/disk/purge-shelf.ts'
import type { Purge } from '../proxy/stages/cache/purge/purge.ts'
import { Backoff } from './backoff.ts'

const THREAD = '../proxy/stages/cache/disk/thread'
const RETRY_MS = 15_000
const PURGE_MS = 2000
/** The kernel takes no longer path for a socket (unix(7)); one byte ends it. */
const MAX_SOCKET_PATH = 107
const LIMITS = { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 }

const NOTHING: DiskHealth = {
  down: '',
  entries: 0,
  bytes: 0,
  budgetBytes: 0,
  hits: 0,
  misses: 0,
  stored: 0,
  evictions: 0,
  torn: 0,
}

export interface CacheTierOptions {
  dataDir: string
  budgetBytes: number
  /** A sentence for the log and the timeline. */
  onEvent(text: string): void
  /** Tests wait less. */
  retryMs?: number
}

/** Where workers reach the keeper: in a directory that only its owner may enter. */
export function cacheSocketIn(dataDir: string): string {
  const own = join(dataDir, 'run')
  const path = join(own, 'cache.sock')
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH)
    return join(mkdtempSync(join(tmpdir(), 'oriel-')), 'cache.sock')
  mkdirSync(own, { recursive: true, mode: 0o700 })
  chmodSync(own, 0o700)
  return path
}

export class CacheTier {
  readonly socket: string
  readonly #options: CacheTierOptions
  readonly #backoff = new Backoff()
  readonly #purging = new Map<number, (purged: PurgedOnDisk | null) => void>()
  #health: DiskHealth
  #thread: Worker | null = null
  #restart: NodeJS.Timeout | undefined
  #purgeId = 0
  #epoch = 0
  #closing = false

  constructor(options: CacheTierOptions, socket: string) {
    this.#options = options
    this.socket = socket
    this.#health = { ...NOTHING, budgetBytes: options.budgetBytes }
    this.#start()
  }

  get health(): DiskHealth {
    return this.#health
  }

  /** @returns null: it did not say in time; what is meant is refused all the same once it hears of it */
  purge(epoch: number, purge: Purge): Promise<PurgedOnDisk | null> {
    this.#epoch = epoch
    const thread = this.#thread
    if (thread === null) return Promise.resolve(null)
    const id = ++this.#purgeId
    return new Promise(resolve => {
      const done = (purged: PurgedOnDisk | null) => {
        clearTimeout(timer)
        this.#purging.delete(id)
        resolve(purged)
      }
      const timer = setTimeout(() => done(null), PURGE_MS)
      this.#purging.set(id, done)
      thread.postMessage({ type: 'purge', id, epoch, purge } satisfies ToThread)
    })
  }

  /** Writes what is under way and ends the thread; cut at the deadline. */
  async close(deadlineMs: number): Promise<void> {
    this.#closing = true
    clearTimeout(this.#restart)
    const thread = this.#thread
    if (thread === null) return
    const gone = new Promise<void>(resolve => thread.once('exit', () => resolve()))
    thread.postMessage({ type: 'close' } satisfies ToThread)
    const cut = setTimeout(() => void thread.terminate(), deadlineMs)
    await gone
    clearTimeout(cut)
  }

  #start(): void {
    const { dataDir, budgetBytes, retryMs = RETRY_MS } = this.#options
    const file = join(dataDir, 'cache.db')
    const settings: KeeperSettings = { file, socket: this.socket, budgetBytes, retryMs, epoch: this.#epoch }
    const thread = new Worker(new URL(`${THREAD}${import.meta.url.slice(-3)}`, import.meta.url), {
      workerData: settings,
      resourceLimits: LIMITS,
      name: 'oriel-cache',
    })
    this.#thread = thread
    thread.on('message', (message: FromThread) => this.#receive(message))
    thread.on('error', error => {
      const why = error instanceof Error ? error.message : String(error)
      this.#health = { ...this.#health, down: `The thread of the cache's disk tier failed: ${why}.` }
      this.#options.onEvent(this.#health.down)
    })
    thread.on('exit', () => this.#exited())
  }

  #receive(message: FromThread): void {
    if (message.type === 'health') this.#health = message.health
    else if (message.type === 'event') this.#options.onEvent(message.text)
    else this.#purging.get(message.id)?.(message.purged)
  }

  /** A thread that ends unasked is started again; the workers come back to it by themselves. */
  #exited(): void {
    this.#thread = null
    for (const done of [...this.#purging.values()]) done(null)
    if (this.#closing) return
    this.#restart = setTimeout(() => this.#start(), Math.max(200, this.#backoff.next(Date.now()))).unref()
  }
}
