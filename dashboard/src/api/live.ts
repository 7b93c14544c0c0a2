// The live stream: one EventSource for the whole application, batched so that the page redraws at most 10 times a second.
import { useEffect, useSyncExternalStore } from 'react'
import type { ExchangeRow, LiveEvent, Tick, TimelineEvent } from '../../../control/admin/contract.ts'
import { API, get } from './client.ts'

export type Connection = 'connecting' | 'open' | 'lost'
type Batch = { rows: ExchangeRow[]; skipped: number; events: TimelineEvent[] }

const FLUSH_MS = 100
const FLUSH_HIDDEN_MS = 1000
const MAX_RETRY_MS = 10_000
/** Rows that may wait between two flushes; the list refetches what was left out. */
const MAX_WAITING = 500

const empty = (): Batch => ({ rows: [], skipped: 0, events: [] })

class LiveStream {
  #source: EventSource | null = null
  #q = ''
  #batch = empty()
  #flushTimer: ReturnType<typeof setTimeout> | undefined
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #retryMs = 1000
  #stateListeners = new Set<() => void>()
  #batchListeners = new Set<(batch: Batch) => void>()
  tick: Tick | null = null
  connection: Connection = 'connecting'

  open(q: string): void {
    this.#stop()
    this.#q = q
    const source = new EventSource(`${API}/live${q === '' ? '' : `?q=${encodeURIComponent(q)}`}`)
    this.#source = source
    source.onopen = () => {
      this.#retryMs = 1000
      this.#setConnection('open')
    }
    source.onerror = () => this.#failed()
    for (const type of ['exchanges', 'tick', 'event'] as const) {
      source.addEventListener(type, message => this.#receive(type, message as MessageEvent<string>))
    }
  }

  close(): void {
    this.#stop()
    this.#setConnection('connecting')
  }

  #stop(): void {
    clearTimeout(this.#retryTimer)
    this.#source?.close()
    this.#source = null
  }

  #failed(): void {
    this.#setConnection('lost')
    this.#stop()
    this.#retryTimer = setTimeout(() => this.open(this.#q), this.#retryMs)
    this.#retryMs = Math.min(this.#retryMs * 2, MAX_RETRY_MS)
    // An EventSource does not tell a status: this call notices when the session is over.
    get('/status', {}).catch(() => {})
  }

  #receive(type: LiveEvent['type'], message: MessageEvent<string>): void {
    const event = { ...(JSON.parse(message.data) as object), type } as LiveEvent
    if (event.type === 'tick') this.tick = event.tick
    else if (event.type === 'event') this.#batch.events.push(event.event)
    else this.#collect(event.rows, event.skipped)
    this.#flushTimer ??= setTimeout(() => this.#flush(), document.hidden ? FLUSH_HIDDEN_MS : FLUSH_MS)
  }

  #collect(rows: ExchangeRow[], skipped: number): void {
    const room = MAX_WAITING - this.#batch.rows.length
    this.#batch.rows.push(...rows.slice(0, Math.max(0, room)))
    this.#batch.skipped += skipped + Math.max(0, rows.length - room)
  }

  #flush(): void {
    this.#flushTimer = undefined
    const batch = this.#batch
    this.#batch = empty()
    if (batch.rows.length + batch.skipped + batch.events.length > 0) {
      for (const listener of this.#batchListeners) listener(batch)
    }
    for (const listener of this.#stateListeners) listener()
  }

  #setConnection(connection: Connection): void {
    if (this.connection === connection) return
    this.connection = connection
    for (const listener of this.#stateListeners) listener()
  }

  readonly onState = (listener: () => void): (() => void) => {
    this.#stateListeners.add(listener)
    return () => this.#stateListeners.delete(listener)
  }

  readonly onBatch = (listener: (batch: Batch) => void): (() => void) => {
    this.#batchListeners.add(listener)
    return () => this.#batchListeners.delete(listener)
  }
}

export const live = new LiveStream()

/** Keeps the stream open for the filter while the application is on the screen. */
export function useLiveStream(q: string, enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return
    live.open(q)
    return () => live.close()
  }, [q, enabled])
}

export const useTick = (): Tick | null => useSyncExternalStore(live.onState, () => live.tick)
export const useConnection = (): Connection => useSyncExternalStore(live.onState, () => live.connection)

export function useBatches(handler: (batch: Batch) => void): void {
  useEffect(() => live.onBatch(handler), [handler])
}
