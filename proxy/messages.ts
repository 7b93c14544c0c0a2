// What the control process and a worker say to each other over IPC (records go over their own pipe).
import type { Config } from '../config/schema.ts'
import type { Note } from './pipeline/exchange.ts'
import type { MemoryList, WantedEntries } from './stages/cache/disk/listed-entry.ts'
import type { Purge } from './stages/cache/purge/purge.ts'

/** A certificate ready to serve, PEM. */
export interface Certificate {
  /** DNS names and addresses it is for; `*.` wildcards as in the certificate. */
  names: string[]
  certificate: string
  key: string
}

export type ListenerName = 'http' | 'https'

/** Active health check's word on an upstream. */
export interface HealthWord {
  route: string
  upstream: string
  healthy: boolean
  reason: string
}

export type ControlMessage =
  /** The whole configuration; the worker builds a snapshot and swaps to it. */
  | { type: 'config'; generation: number; config: Config; certificates: Certificate[] }
  /** Sent with a bound TCP handle: accept connections on it. */
  | { type: 'listen'; listener: ListenerName }
  /** Stop accepting, end what runs within the grace period, exit 0. */
  | { type: 'drain'; graceMs: number }
  | { type: 'health'; words: HealthWord[] }
  | { type: 'explain'; id: number; request: DryRequest }
  /** `epoch`: the number of this purge. */
  | { type: 'purge'; epoch: number; purge: Purge }
  /** What the cache holds in memory. */
  | { type: 'list'; id: number; wanted: WantedEntries }

export interface DryRequest {
  method: string
  /** Absolute: scheme and authority choose listener and host. */
  url: string
  headers: [name: string, value: string][]
  from: string
}

export interface DryResult {
  route: string
  notes: Note[]
  /** Status that Oriel itself would answer; 0: the upstream's answer decides. */
  status: number
  answeredBy: string
  upstream: string
  error: string
}

/** What a purge meant in one worker's memory. */
export interface PurgedInMemory {
  count: number
  /** Numbers of the entries, for a count without doubles; none for a purge of everything. */
  idents: number[]
}

export type WorkerMessage =
  /** Connected; waits for `config`. */
  | { type: 'hello' }
  | { type: 'applied'; generation: number; disabledRoutes: { route: string; reason: string }[] }
  | { type: 'refused'; generation: number; reason: string }
  | { type: 'listening'; listener: ListenerName; port: number }
  | { type: 'listen-failed'; listener: ListenerName; code: string }
  | { type: 'explained'; id: number; result: DryResult }
  | { type: 'purged'; epoch: number; purged: PurgedInMemory }
  | { type: 'listed'; id: number; list: MemoryList }
