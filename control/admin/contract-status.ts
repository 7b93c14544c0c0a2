// The admin API's types: Oriel's own state.
import type { UnixMs } from './contract.ts'
import type { CacheDisk } from './contract-cache.ts'

/** GET /api/v1/status: is Oriel itself well? */
export interface Status {
  version: string
  startedAt: UnixMs
  now: UnixMs
  workers: {
    worker: number
    pid: number
    inFlight: number
    connections: number
    utilisation: number
    rssBytes: number
    restarts: number
  }[]
  listeners: { name: 'http' | 'https' | 'admin'; address: string }[]
  telemetry: {
    /** '' when all is well, else a sentence: why telemetry is being dropped. */
    degraded: string
    droppedRecords: number
    sampledOut: number
    storedBytes: number
    oldest: UnixMs | null
    queueLength: number
  }
  config: {
    file: string
    loadedAt: UnixMs
    generation: number
    /** The last refusal, '' when the file in force is the file on disk. */
    problem: string
    /** Routes that disabled themselves, with the reason. */
    disabledRoutes: { route: string; reason: string }[]
  }
  cache: {
    /** Null: the configuration says that nothing is kept on disk. */
    disk: CacheDisk | null
  }
  routes: string[]
}
