// Is Oriel itself well? What the status page and `oriel status` show.
import type { WorkerState } from '../telemetry/record.ts'
import type { Status } from './admin/contract-status.ts'
import type { CacheTier } from './cache-tier.ts'
import type { Reloader } from './reload.ts'
import type { Supervisor } from './supervisor.ts'
import type { Telemetry } from './telemetry.ts'
import { version } from './version.ts'
import type { WorkerSlot } from './worker-slot.ts'

export interface StatusParts {
  /** The configuration file as people wrote it. */
  file: string
  startedAtMs: number
  listeners: Status['listeners']
  supervisor: Supervisor
  reloader: Reloader
  telemetry: Telemetry
  /** Null: nothing is kept on disk. */
  tier: CacheTier | null
}

const NOTHING_STORED = { storedBytes: 0, oldest: null }

export async function status(parts: StatusParts): Promise<Status> {
  const { telemetry, supervisor, reloader, file, startedAtMs, listeners } = parts
  const { counters, store, query } = telemetry
  const stored = await query.ask('stored', {}).catch(() => NOTHING_STORED)
  const health = store.health
  return {
    version,
    startedAt: startedAtMs,
    now: Date.now(),
    workers: supervisor.slots.filter(slot => slot.running).map(slot => workerOf(slot, counters.workers)),
    listeners,
    telemetry: {
      degraded: health.degraded,
      droppedRecords: health.droppedRecords + counters.droppedRecords,
      sampledOut: counters.sampledOut,
      queueLength: health.queueLength,
      ...stored,
    },
    config: {
      file,
      loadedAt: reloader.loadedAtMs,
      generation: reloader.generation,
      problem: reloader.problem,
      disabledRoutes: [...supervisor.disabledRoutes, ...reloader.certificateProblems],
    },
    cache: { disk: parts.tier?.health ?? null },
    routes: reloader.config.routes.map(route => route.name),
  }
}

/** A process that has not sent a heartbeat yet is already one: its gauges are zero until then. */
function workerOf(slot: WorkerSlot, states: readonly WorkerState[]): Status['workers'][number] {
  const state = states.find(({ worker, pid }) => worker === slot.index && pid === slot.pid)
  return {
    worker: slot.index,
    pid: slot.pid ?? 0,
    inFlight: state?.inFlight ?? 0,
    connections: state?.connections ?? 0,
    utilisation: state?.utilisation ?? 0,
    rssBytes: state?.rssBytes ?? 0,
    restarts: slot.restarts,
  }
}
