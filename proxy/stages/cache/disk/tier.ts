// The disk tier as a worker sees it: a filter of what may be there, questions that end in time, entries to keep.
import { nowMs } from '../../../lib/clock.ts'
import { type FromKeeper, MAX_BODY_BYTES, type StoredHead } from './frames.ts'
import { identOf } from './ident.ts'
import { KeySet } from './key-set.ts'
import { Link } from './link.ts'

/** A disk that takes longer is no help: then the upstream is asked. */
const WAIT_MS = 250
/** Questions at one time; the next one goes to the upstream. */
const MAX_ASKING = 1000
/** Answers from memory are told so often. */
const USED_EVERY_MS = 2000

export interface FoundOnDisk {
  stored: StoredHead
  body: Buffer
}

type Answer = FoundOnDisk | { varies: string[] } | undefined

export interface TierHooks {
  /** Another worker's client has changed what this key shows. */
  invalidated(primary: string): void
  /** What memory has answered since it was asked last: number of the entry, how often. */
  used(): [ident: number, hits: number][]
}

export class DiskTier {
  /** Questions have a connection of their own: they never wait behind what is to be kept. */
  readonly #asks: Link
  readonly #keeps: Link
  readonly #hooks: TierHooks
  readonly #waitMs: number
  readonly #keys = new KeySet()
  readonly #asking = new Map<number, (answer: Answer) => void>()
  readonly #shared = new Map<string, Promise<Answer>>()
  readonly #timer: NodeJS.Timeout
  /** Tells this worker's own words from those of others. */
  readonly #self = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER)
  #number = 0
  #up = false
  /** It was there and is no more: what is stored meanwhile is not kept. */
  #out = false
  /** Neither in nor out of service yet: this worker has just begun, and so may the keeper have. */
  #starting = true
  readonly #begun = Promise.withResolvers<void>()
  /** The filter is complete: what it does not hold is not there. */
  #known = false
  /** The last purge that this worker has heard of. */
  epoch = 0
  hits = 0
  misses = 0
  /** Questions that were not answered in time. */
  late = 0

  /** @param waitMs for an answer; tests have more patience */
  constructor(socketPath: string, hooks: TierHooks, waitMs = WAIT_MS) {
    this.#waitMs = waitMs
    this.#hooks = hooks
    this.#asks = new Link(socketPath, {
      heard: (message, body) => this.#hear(message, body),
      came: () => void this.#asks.ask({ kind: 'listen' }),
      lost: () => this.#lost(),
    })
    this.#keeps = new Link(socketPath, { heard: () => {}, came: () => {}, lost: () => {} })
    this.#timer = setInterval(() => this.#tellUsed(), USED_EVERY_MS).unref()
  }

  /** In service, and the filter is complete. */
  get known(): boolean {
    return this.#known
  }

  /** Keys that the filter holds, and what it takes. */
  get filter(): { keys: number; bytes: number } {
    return { keys: this.#keys.size, bytes: this.#keys.bytes }
  }

  get dropped(): number {
    return this.#keeps.dropped
  }

  /** False: it is certainly not on disk, and nobody has been asked. */
  mayHave(primary: string): boolean {
    if (!this.#up) return this.#starting
    return !this.#known || this.#keys.has(identOf(primary))
  }

  /**
   * @param suffixBy what tells the variant wanted from others, by the fields that Vary names
   * @param peek it is not a use: nothing is counted
   */
  async find(
    primary: string,
    suffixBy: (names: readonly string[]) => string,
    peek = false,
  ): Promise<FoundOnDisk | undefined> {
    const deadlineMs = nowMs() + this.#waitMs
    if (this.#starting) await this.#begins()
    let answer = await this.#askOnce(primary, null, deadlineMs, peek)
    if (answer !== undefined && 'varies' in answer)
      answer = await this.#askOnce(primary, suffixBy(answer.varies), deadlineMs, peek)
    const found = answer === undefined || 'varies' in answer ? undefined : answer
    if (!peek && found === undefined) this.misses++
    else if (!peek) this.hits++
    return found
  }

  keep(stored: StoredHead, body: Buffer): void {
    if (!this.#out && body.length <= MAX_BODY_BYTES)
      this.#keeps.send({ kind: 'put', epoch: this.epoch, stored }, body)
  }

  /** The same body with a new head. */
  freshen(stored: StoredHead): void {
    if (this.#up) this.#keeps.send({ kind: 'freshen', epoch: this.epoch, stored })
  }

  remove(primary: string, suffix: string): void {
    if (this.#up) this.#keeps.sendNow({ kind: 'remove', primary, suffix })
  }

  /** With all its variants, and in the other workers too. */
  invalidate(primary: string): void {
    if (this.#up) this.#keeps.sendNow({ kind: 'invalidate', primary, from: this.#self })
  }

  /** This worker ends: what it had still to tell the keeper is told. Nothing is kept or found any more. */
  async leave(maxMs: number): Promise<void> {
    this.#tellUsed()
    await this.#keeps.end(maxMs)
    this.close()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#asks.close()
    this.#keeps.close()
  }

  /** However many want the same at the same time. */
  #askOnce(primary: string, suffix: string | null, deadlineMs: number, peek: boolean): Promise<Answer> {
    const key = `${peek}${suffix === null ? primary : `${primary}\0${suffix}`}`
    const underWay = this.#shared.get(key)
    if (underWay !== undefined) return underWay
    const asked = this.#ask(primary, suffix, deadlineMs, peek).finally(() => this.#shared.delete(key))
    this.#shared.set(key, asked)
    return asked
  }

  #ask(primary: string, suffix: string | null, deadlineMs: number, peek: boolean): Promise<Answer> {
    if (this.#asking.size >= MAX_ASKING) return Promise.resolve(undefined)
    const n = ++this.#number
    return new Promise(resolve => {
      const timer = setTimeout(
        () => {
          this.late++
          done(undefined)
        },
        Math.max(0, deadlineMs - nowMs()),
      )
      const done = (answer: Answer) => {
        clearTimeout(timer)
        this.#asking.delete(n)
        resolve(answer)
      }
      this.#asking.set(n, done)
      if (!this.#asks.ask({ kind: 'get', n, primary, suffix, peek })) done(undefined)
    })
  }

  #hear(message: FromKeeper, body: Buffer): void {
    switch (message.kind) {
      case 'up':
        this.#keys.clear()
        this.#keys.expect(message.keys)
        this.epoch = Math.max(this.epoch, message.epoch)
        this.#known = false
        this.#up = true
        this.#out = false
        this.#started()
        return
      case 'known':
        this.#known = true
        return
      case 'down':
        return this.#lost()
      case 'found':
        // Read before a purge that this worker has already carried out: it may be what was meant.
        return this.#asking.get(message.n)?.(
          message.epoch < this.epoch ? undefined : { stored: message.stored, body },
        )
      case 'varies':
        return this.#asking.get(message.n)?.({ varies: message.names })
      case 'missed':
        return this.#asking.get(message.n)?.(undefined)
      case 'added':
        for (const ident of message.idents) this.#keys.add(ident)
        return
      case 'gone':
        for (const ident of message.idents) this.#keys.delete(ident)
        return
      case 'invalidate':
        // What was stored since is newer than one's own word.
        if (message.from !== this.#self) this.#hooks.invalidated(message.primary)
    }
  }

  /** Resolves when the keeper is there, or when it takes too long. */
  async #begins(): Promise<void> {
    const timer = setTimeout(() => this.#started(), this.#waitMs)
    await this.#begun.promise
    clearTimeout(timer)
  }

  #started(): void {
    this.#starting = false
    this.#begun.resolve()
  }

  #lost(): void {
    this.#started()
    this.#out = true
    this.#up = false
    this.#known = false
    this.#keys.clear()
    for (const done of [...this.#asking.values()]) done(undefined)
  }

  #tellUsed(): void {
    const hits = this.#hooks.used()
    if (hits.length > 0 && this.#up) this.#keeps.send({ kind: 'used', hits })
  }
}
