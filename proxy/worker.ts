// A proxy worker: gets its configuration and its sockets from the control process, and serves.
import { performance } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import type { WorkerState } from '../telemetry/record.ts'
import { build } from './build.ts'
import { Entry } from './entry.ts'
import { explain } from './explain.ts'
import { adaptHeapGrowth } from './lib/heap-growth.ts'
import type { ControlMessage, WorkerMessage } from './messages.ts'
import { RecordPipe } from './record/pipe.ts'
import { Recorder, type RecorderOptions } from './record/recorder.ts'
import { Registry } from './registry.ts'
import type { MemoryList } from './stages/cache/disk/listed-entry.ts'
import { listEntries } from './stages/cache/list.ts'
import type { Room } from './stages/cache/room.ts'
import type { Limiters } from './stages/limit/limit.ts'
import { upstreamStates } from './upstream-states.ts'
import { Listeners } from './wire/listeners.ts'

// Objects of a request die young; V8 may guess otherwise and then keeps each alive by the next (decision 6).
setFlagsFromString('--no-allocation-site-pretenuring')

const registry = new Registry()
const worker = Number(process.env.ORIEL_WORKER ?? 0)
/** Where the disk tier of the cache listens; '' without one. */
const cacheSocket = process.env.ORIEL_CACHE_SOCKET ?? ''
/** Within what the control process adds to the grace for what is written last. */
const LAST_WRITES_MS = 500
let running: { entry: Entry; recorder: Recorder; pipe: RecordPipe; listeners: Listeners } | undefined
let utilisation = performance.eventLoopUtilization()

process.on('message', (message: ControlMessage, handle: unknown) => {
  if (message.type === 'config') configure(message)
  else if (message.type === 'listen') listen(message.listener, handle as object)
  else if (message.type === 'drain') void drain(message.graceMs)
  else if (message.type === 'health') hear(message.words)
  else if (message.type === 'purge') purge(message)
  else if (message.type === 'list') list(message)
  else void dryRun(message.id, message.request)
})
// The control process is gone: serve what runs, then leave; whoever restarts it starts new workers.
process.on('disconnect', () => void drain(0))
// The control process decides about signals: a terminal's Ctrl-C reaches the whole group.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
setInterval(() => adaptHeapGrowth(registry.get<Room>('stage:cache')?.store.bytes ?? 0), 1000).unref()
say({ type: 'hello' })

function configure({ config, generation, certificates }: ControlMessage & { type: 'config' }): void {
  try {
    const options = recorderOptions(config.workers, config.telemetry)
    const snapshot = build(config, generation, registry)
    if (running === undefined) {
      const recorder = new Recorder(options)
      const entry = new Entry(snapshot, recorder)
      running = { entry, recorder, listeners: new Listeners(entry), pipe: new RecordPipe(recorder, state) }
    } else {
      running.recorder.configure(options)
      running.entry.swap(snapshot)
    }
    if (cacheSocket !== '') registry.get<Room>('stage:cache')?.attach(cacheSocket)
    const unusable = running.listeners.serve(certificates)
    const disabledRoutes = [
      ...snapshot.disabledRoutes,
      ...unusable.map(({ names, reason }) => ({ route: names.join(', '), reason: `certificate: ${reason}` })),
    ]
    say({ type: 'applied', generation, disabledRoutes })
  } catch (error) {
    say({ type: 'refused', generation, reason: (error as Error).message })
  }
}

function recorderOptions(
  workers: number,
  telemetry: { rowsPerSecond: number; headersPerSecond: number; slowMs: number },
): RecorderOptions {
  return {
    worker,
    rowsPerSecond: Math.ceil(telemetry.rowsPerSecond / workers),
    headersPerSecond: Math.ceil(telemetry.headersPerSecond / workers),
    slowMs: telemetry.slowMs,
  }
}

function listen(listener: 'http' | 'https', handle: object): void {
  running?.listeners.listen(
    listener,
    handle,
    port => say({ type: 'listening', listener, port }),
    code => say({ type: 'listen-failed', listener, code }),
  )
}

async function drain(graceMs: number): Promise<void> {
  const deadlineMs = Date.now() + graceMs
  await running?.listeners.drain(graceMs)
  const leftMs = Math.max(LAST_WRITES_MS, deadlineMs - Date.now())
  const { tier } = registry.get<Room>('stage:cache')?.store ?? {}
  await Promise.all([running?.pipe.close(), tier?.leave(leftMs)])
  process.exit(0)
}

function hear(words: (ControlMessage & { type: 'health' })['words']): void {
  for (const { route, upstream, healthy, reason } of words) {
    const members = running?.entry.snapshot.groups.get(route)?.members ?? []
    for (const member of members)
      if (member.upstream.name === upstream) member.upstream.downReason = healthy ? '' : reason
  }
}

function purge({ epoch, purge }: ControlMessage & { type: 'purge' }): void {
  const purged = registry.get<Room>('stage:cache')?.purge(epoch, purge) ?? { count: 0, idents: [] }
  say({ type: 'purged', epoch, purged })
}

function list({ id, wanted }: ControlMessage & { type: 'list' }): void {
  const room = registry.get<Room>('stage:cache')
  const none: MemoryList = { rows: [], total: 0 }
  say({ type: 'listed', id, list: room === undefined ? none : listEntries(room.store, wanted, Date.now()) })
}

async function dryRun(id: number, request: (ControlMessage & { type: 'explain' })['request']): Promise<void> {
  if (running === undefined) return
  try {
    say({ type: 'explained', id, result: await explain(running.entry, request) })
  } catch (error) {
    const result = {
      route: '',
      notes: [],
      status: 400,
      answeredBy: '',
      upstream: '',
      error: (error as Error).message,
    }
    say({ type: 'explained', id, result })
  }
}

function state(): WorkerState {
  const { entry, recorder, listeners } = running!
  const now = performance.eventLoopUtilization()
  const since = performance.eventLoopUtilization(now, utilisation)
  utilisation = now
  const memory = process.memoryUsage()
  const room = registry.get<Room>('stage:cache')
  const cache = room?.store
  const tier = cache?.tier
  return {
    worker,
    pid: process.pid,
    inFlight: entry.inFlight,
    connections: listeners.connections,
    utilisation: since.utilization,
    rssBytes: memory.rss,
    heapBytes: memory.heapUsed,
    cacheBytes: cache?.bytes ?? 0,
    cacheEntries: cache?.entries ?? 0,
    cacheStored: cache?.stored ?? 0,
    cacheEvictions: cache?.evictions ?? 0,
    cacheRefreshes: cache?.refreshes ?? 0,
    diskFilterBytes: tier?.filter.bytes ?? 0,
    diskLate: tier?.late ?? 0,
    diskDropped: tier?.dropped ?? 0,
    cacheReflections: room?.reflections.list() ?? [],
    limiterKeys: registry.get<Limiters>('stage:limit')?.keys ?? 0,
    droppedRecords: recorder.droppedRecords,
    sampledOut: recorder.sampledOut,
    upstreams: upstreamStates(entry.snapshot.groups),
  }
}

function say(message: WorkerMessage): void {
  if (process.connected) process.send?.(message)
}
