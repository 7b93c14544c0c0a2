// The live view, from memory: the newest rows, one tick per second, and whoever is watching.
import type { ExchangeRow, LiveEvent, Tick, TimelineEvent } from '../../control/admin/contract.ts'
import { parseFilter } from '../query/filter.ts'
import { matcher } from '../query/filter-match.ts'
import { parseRecords, type TallyCell } from '../record.ts'
import { toRow } from '../row.ts'
import { TickBuilder } from './tick-builder.ts'
import { Watcher } from './watcher.ts'

const TICK_MS = 1000
const BATCH_MS = 100
/** A quarter of an hour of ticks. */
const MAX_TICKS = 900
/** Unparsed text of the newest frames: some 500 rows. Parsed only when a page opens. */
const MAX_RECENT_CHARS = 1024 * 1024
const MAX_RECENT_ROWS = 500
const MAX_WATCHERS = 100

/**
 *     const stop = live.subscribe('status:5xx', event => sse.send(event))   // throws FilterError (422)
 *     live.ticks()                                                          // for the page that opens
 *     live.close()
 *
 * A subscriber first gets the newest matching rows, oldest of them first, then batches at most ten times a
 * second and 50 rows a second; `skipped` counts the rest.
 */
export class Live {
  /** Exchanges under way, set with every worker state; goes into each tick. */
  inFlight = 0
  readonly #watchers = new Set<Watcher>()
  readonly #ticks: Tick[] = []
  readonly #builder = new TickBuilder()
  #recent: string[] = []
  #recentChars = 0
  readonly #tickTimer: NodeJS.Timeout
  #batchTimer: NodeJS.Timeout | undefined

  constructor() {
    this.#tickTimer = setInterval(() => this.tick(Date.now()), TICK_MS).unref()
  }

  /** @param q filter text, '' for all; @returns stops it; @throws FilterError, RangeError when too many watch */
  subscribe(q: string, listener: (event: LiveEvent) => void): () => void {
    const matches = matcher(parseFilter(q))
    if (this.#watchers.size >= MAX_WATCHERS)
      throw new RangeError(`more than ${MAX_WATCHERS} live views are open`)
    const watcher = new Watcher(matches, listener)
    this.#watchers.add(watcher)
    listener({ type: 'exchanges', rows: this.#newest(matches), skipped: 0 })
    this.#batchTimer ??= setInterval(() => this.batch(Date.now()), BATCH_MS).unref()
    return () => {
      this.#watchers.delete(watcher)
      if (this.#watchers.size > 0) return
      clearInterval(this.#batchTimer)
      this.#batchTimer = undefined
    }
  }

  /** The last quarter of an hour, oldest first. */
  ticks(): readonly Tick[] {
    return this.#ticks
  }

  /** Payload of a `records` frame; parsed here only while someone watches. */
  records(json: string): void {
    this.#recent.push(json)
    this.#recentChars += json.length
    while (this.#recentChars > MAX_RECENT_CHARS && this.#recent.length > 1) {
      this.#recentChars -= this.#recent.shift()!.length
    }
    if (this.#watchers.size === 0) return
    for (const record of parseRecords(json)) {
      const row = toRow(record)
      for (const watcher of this.#watchers) watcher.offer(row)
    }
  }

  tally(cells: readonly TallyCell[]): void {
    this.#builder.add(cells)
  }

  event(event: TimelineEvent): void {
    for (const watcher of this.#watchers) watcher.send({ type: 'event', event })
  }

  /** Closes the second that has passed. Called by a timer; tests call it. */
  tick(nowMs: number): void {
    const tick = this.#builder.take(nowMs - TICK_MS, this.inFlight)
    this.#ticks.push(tick)
    if (this.#ticks.length > MAX_TICKS) this.#ticks.shift()
    for (const watcher of this.#watchers) watcher.send({ type: 'tick', tick })
  }

  /** Sends what has gathered. Called by a timer; tests call it. */
  batch(nowMs: number): void {
    for (const watcher of this.#watchers) watcher.flush(nowMs)
  }

  close(): void {
    clearInterval(this.#tickTimer)
    clearInterval(this.#batchTimer)
    this.#watchers.clear()
  }

  #newest(matches: (row: ExchangeRow) => boolean): ExchangeRow[] {
    const rows = this.#recent.flatMap(json => parseRecords(json).map(toRow))
    return rows.filter(matches).slice(-MAX_RECENT_ROWS)
  }
}
