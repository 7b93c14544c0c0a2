// The disk tier behind its socket: answers the workers, writes in batches, and is out of service when the disk is.
import type { Socket } from 'node:net'
import { diskFault } from '../../../../telemetry/store/disk-fault.ts'
import type { OpenDriver } from '../../../../telemetry/store/driver.ts'
import type { Purge } from '../purge/purge.ts'
import { RecentPurges } from '../purge/recent-purges.ts'
import type { DiskHealth } from './disk-health.ts'
import type { StoredHead, ToKeeper } from './frames.ts'
import { identOf } from './ident.ts'
import type { KeeperSettings } from './messages.ts'
import { openShelf } from './open-shelf.ts'
import { type PurgedOnDisk, ShelfPurger } from './purge-shelf.ts'
import { Shelf } from './shelf.ts'
import { Workers } from './workers.ts'

/** What a kill may cost: entries written since then. */
const COMMIT_MS = 50
const COMMIT_BYTES = 4 * 1024 ** 2
const KEYS_STEP = 2000
/** Uses are written down together; those of more entries at a time are not. */
const MAX_USED = 10_000

export interface KeeperHooks {
  open: OpenDriver
  now: () => number
  event(text: string): void
}

export class Keeper {
  readonly #settings: KeeperSettings
  readonly #hooks: KeeperHooks
  readonly #workers: Workers
  readonly #purges = new RecentPurges()
  readonly #used = new Map<number, number>()
  #shelf: Shelf | null = null
  #purger: ShelfPurger | null = null
  #down = ''
  /** What was found wrong with the file while it was read. */
  #damaged = ''
  #retryAtMs = 0
  #epoch: number
  #inTransaction = false
  #unwrittenBytes = 0
  #commit: NodeJS.Timeout | undefined
  /** Keys that came (true) or went since the workers were told last; the last word counts. */
  readonly #changes = new Map<number, boolean>()
  #hits = 0
  #misses = 0
  #stored = 0

  constructor(settings: KeeperSettings, hooks: KeeperHooks) {
    this.#settings = settings
    this.#epoch = settings.epoch
    this.#hooks = hooks
    this.#workers = new Workers({
      said: (socket, message, body) => this.#hear(socket, message, body),
      failed: why => {
        this.#down = `Workers cannot reach the disk tier: ${why}.`
        hooks.event(this.#down)
      },
    })
  }

  start(): void {
    this.#open()
    this.#workers.listen(this.#settings.socket)
  }

  get health(): DiskHealth {
    const shelf = this.#shelf
    return {
      down: this.#down,
      entries: shelf?.entries ?? 0,
      bytes: this.#try(() => shelf?.bytes ?? 0) ?? 0,
      budgetBytes: this.#settings.budgetBytes,
      hits: this.#hits,
      misses: this.#misses,
      stored: this.#stored,
      evictions: shelf?.evictions ?? 0,
      torn: shelf?.torn ?? 0,
    }
  }

  purge(epoch: number, purge: Purge): PurgedOnDisk {
    this.#epoch = Math.max(this.#epoch, epoch)
    this.#purges.add(epoch, purge)
    const purged = this.#write(() => this.#purger!.purge(purge, this.#hooks.now()))
    return purged ?? { idents: [], count: 0 }
  }

  /** Now and then: retry after a fault, clear away what was purged, write down what was used. */
  tick(): void {
    if (this.#down !== '' && this.#shelf === null && this.#hooks.now() >= this.#retryAtMs) this.#open()
    if (this.#shelf === null) return
    if (this.#used.size > 0) {
      const used = [...this.#used]
      this.#used.clear()
      this.#write(shelf => {
        for (const [ident, hits] of used) shelf.used(ident, hits, this.#hooks.now())
      })
    }
    this.#write(shelf => shelf.makeRoom(0))
    this.#clearAway()
  }

  /** Oriel stops: what workers sent before they ended is still on its way. */
  async end(maxMs: number): Promise<void> {
    await this.#workers.left(maxMs)
    this.close()
  }

  close(): void {
    this.#flush()
    this.#try(() => this.#shelf?.db.close())
    this.#shelf = null
    this.#workers.close()
  }

  #clearAway(): void {
    if (this.#purger?.busy !== true) return
    this.#write(() => this.#purger!.step())
    if (this.#purger?.busy === true) setImmediate(() => this.#clearAway())
  }

  #open(): void {
    const { file, budgetBytes } = this.#settings
    try {
      const db = openShelf(file, this.#hooks.open, this.#hooks.event, this.#damaged)
      this.#damaged = ''
      this.#shelf = new Shelf(db, budgetBytes, { gone: resource => this.#changes.set(resource, false) })
      this.#purger = new ShelfPurger(this.#shelf)
      if (this.#down !== '') this.#hooks.event('The disk tier of the cache works again.')
      this.#down = ''
      this.#welcomeAgain()
    } catch (error) {
      this.#fail(error)
    }
  }

  #welcomeAgain(): void {
    for (const socket of this.#workers.all) this.#introduce(socket)
  }

  /** Tells a worker which keys there are, in steps between which others are answered. */
  #introduce(socket: Socket): void {
    const shelf = this.#shelf
    if (shelf === null) return this.#workers.say(socket, { kind: 'down' })
    this.#workers.say(socket, { kind: 'up', keys: shelf.entries, epoch: this.#epoch })
    const step = (after: number) => {
      if (socket.destroyed || this.#shelf !== shelf) return
      const idents = this.#try(() => shelf.keysAfter(after, KEYS_STEP)) ?? []
      if (idents.length === 0) return this.#workers.say(socket, { kind: 'known' })
      this.#workers.say(socket, { kind: 'added', idents })
      setImmediate(step, idents.at(-1)!)
    }
    setImmediate(step, -1)
  }

  #hear(socket: Socket, message: ToKeeper, body: Buffer): void {
    switch (message.kind) {
      case 'listen':
        this.#workers.all.add(socket)
        return this.#introduce(socket)
      case 'get':
        return this.#answer(socket, message)
      case 'put':
      case 'freshen':
        return this.#keep(message, body)
      case 'remove':
        this.#write(shelf => shelf.removeVariant(message.primary, message.suffix))
        return
      case 'invalidate':
        this.#write(shelf => shelf.removeAll(message.primary))
        for (const other of this.#workers.all) this.#workers.say(other, message)
        return
      case 'used':
        for (const [ident, hits] of message.hits) this.#note(ident, hits)
    }
  }

  #answer(socket: Socket, { n, primary, suffix, peek }: ToKeeper & { kind: 'get' }): void {
    const lookup = this.#try(() => {
      this.#purger?.settle(identOf(primary))
      return this.#shelf?.find(primary, suffix)
    })
    if (lookup == null) {
      this.#misses++
      return this.#workers.say(socket, { kind: 'missed', n })
    }
    if ('varies' in lookup) return this.#workers.say(socket, { kind: 'varies', n, names: lookup.varies })
    if (!peek) {
      this.#hits++
      this.#note(identOf(primary, lookup.found.suffix), 1)
    }
    this.#workers.say(socket, { kind: 'found', n, epoch: this.#epoch, stored: lookup.found }, lookup.body)
  }

  #keep(
    { kind, stored, epoch }: { kind: 'put' | 'freshen'; stored: StoredHead; epoch: number },
    body: Buffer,
  ) {
    // It was sent before its worker had heard of a purge that means it.
    if (this.#purges.refuses(epoch, stored)) return
    const resource = identOf(stored.primary)
    const kept = this.#write(shelf => {
      this.#purger?.settle(resource)
      const now = this.#hooks.now()
      return kind === 'put' ? shelf.put(stored, body, now) : shelf.freshen(stored)
    })
    if (kept !== true) return
    this.#stored++
    this.#changes.set(resource, true)
    this.#unwrittenBytes += body.length
    if (this.#unwrittenBytes > COMMIT_BYTES) this.#flush()
  }

  #note(ident: number, hits: number): void {
    if (this.#used.size >= MAX_USED && !this.#used.has(ident)) return
    this.#used.set(ident, (this.#used.get(ident) ?? 0) + hits)
  }

  /** In a transaction that is committed a moment later, together with others. */
  #write<T>(work: (shelf: Shelf) => T): T | undefined {
    return this.#try(() => {
      const shelf = this.#shelf
      if (shelf === null) return undefined
      if (!this.#inTransaction) {
        shelf.db.run('BEGIN')
        this.#inTransaction = true
        this.#commit = setTimeout(() => this.#flush(), COMMIT_MS)
      }
      return work(shelf)
    })
  }

  #flush(): void {
    clearTimeout(this.#commit)
    this.#unwrittenBytes = 0
    // This thread answers from what is not committed yet, too; where the commit fails, all keys are gone.
    this.#tellKeys()
    if (this.#inTransaction) {
      this.#inTransaction = false
      this.#try(() => {
        this.#shelf?.setState('entries', this.#shelf.entries)
        this.#shelf?.db.run('COMMIT')
      })
    }
  }

  #tellKeys(): void {
    if (this.#changes.size === 0) return
    const added: number[] = []
    const gone: number[] = []
    for (const [ident, here] of this.#changes) (here ? added : gone).push(ident)
    this.#changes.clear()
    for (const socket of this.#workers.all) {
      if (added.length > 0) this.#workers.say(socket, { kind: 'added', idents: added })
      if (gone.length > 0) this.#workers.say(socket, { kind: 'gone', idents: gone })
    }
  }

  #try<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  /** A damaged file is set aside at the next try, which is soon; a disk that fails is tried again later. */
  #fail(error: unknown): void {
    const fault = diskFault(error)
    if (fault === undefined) throw error
    const damaged = /CORRUPT|NOTADB/.test(fault.reason)
    if (damaged) this.#damaged = 'damaged'
    const shelf = this.#shelf
    this.#shelf = null
    this.#purger = null
    this.#inTransaction = false
    this.#changes.clear()
    clearTimeout(this.#commit)
    try {
      shelf?.db.close()
    } catch {
      // The handle is gone either way.
    }
    const sentence = `The disk tier of the cache is off: ${fault.reason}. Requests are answered without it.`
    if (this.#down !== sentence) this.#hooks.event(sentence)
    this.#down = sentence
    this.#retryAtMs = this.#hooks.now() + (damaged ? 0 : this.#settings.retryMs)
    for (const socket of this.#workers.all) this.#workers.say(socket, { kind: 'down' })
  }
}
