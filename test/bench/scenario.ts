// What is measured: one file per scenario in scenarios/ makes one of these.
import type { Metric, Sample } from './metrics.ts'
import type { Ports, Target } from './target.ts'
import type { Need } from './tools.ts'

export interface Backend {
  port: number
  stop(): Promise<void>
  /** Requests that it has seen so far. */
  requests?(): Promise<number>
}

export interface Setup {
  /** '' where a scenario has only one. */
  label: string
  workers: number
}

/** A target that serves. */
export interface Running {
  target: Target
  pid: number
  ports: Ports
  backend: Backend
  /** A directory for what the load needs. */
  folder: string
  /** Answers that it has given to warm-ups. */
  warmed: number
}

export interface Load {
  seconds: number
  connections: number
}

/** What Oriel is held to: its figure, or its ratio to another target's, is at most this. */
export interface Bar {
  metric: Metric
  /** As in a sentence: `tree CPU`. */
  what: string
  of?: 'nginx' | 'Caddy'
  atMost: number
}

export interface Scenario {
  name: string
  /** What is done and counted; stands above the table. */
  about: string
  /** What rate and CPU are per. */
  unit: string
  columns: readonly Metric[]
  bars: readonly Bar[]
  /** Programs that make the load. */
  needs: readonly Need[]
  setups?: readonly Setup[]
  /** Takes so long that more rounds are not run. */
  atMostRounds?: number
  /** Each round has processes of its own. */
  fresh?: true
  startBackend(folder: string): Promise<Backend>
  measure(running: Running, load: Load): Promise<Sample>
}
