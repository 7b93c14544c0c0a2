// The metrics of the machine: workers, upstreams, telemetry itself and the control process.
import type { UpstreamState, WorkerState } from '../record.ts'
import { MetricFamily } from './metric-family.ts'
import type { PrometheusSources } from './prometheus.ts'

export function gaugeFamilies(sources: PrometheusSources): MetricFamily[] {
  const { counters } = sources
  return [
    new MetricFamily('gauge', 'http_server_active_requests', 'HTTP server requests under way.').add(
      counters.inFlight,
    ),
    ...upstreamFamilies(counters.upstreams()),
    ...workerFamilies(counters.workers),
    reflectionFamily(counters.workers),
    ...telemetryFamilies(sources),
    ...processFamilies(sources.version),
  ]
}

function upstreamFamilies(upstreams: UpstreamState[]): MetricFamily[] {
  const family = (name: string, help: string, of: (u: UpstreamState) => number) => {
    const made = new MetricFamily('gauge', name, help)
    for (const u of upstreams) made.add(of(u), { http_route: u.route, upstream: u.upstream })
    return made
  }
  return [
    family('oriel_upstream_up', '1 while the upstream takes requests, 0 while it is out or down.', u =>
      u.state === 'up' ? 1 : 0,
    ),
    family('oriel_upstream_in_flight', 'Attempts under way at the upstream.', u => u.inFlight),
    family('oriel_upstream_connections', 'Open connections to the upstream.', u => u.connections),
  ]
}

function workerFamilies(workers: WorkerState[]): MetricFamily[] {
  const family = (name: string, help: string, of: (w: WorkerState) => number) => {
    const made = new MetricFamily('gauge', name, help)
    for (const w of workers) made.add(of(w), { worker: String(w.worker) })
    return made
  }
  return [
    family('oriel_worker_in_flight', 'Exchanges under way in the worker.', w => w.inFlight),
    family('oriel_worker_connections', 'Client connections of the worker.', w => w.connections),
    family('oriel_worker_event_loop_utilization_ratio', 'Busy share of the event loop.', w => w.utilisation),
    family('oriel_worker_resident_memory_bytes', 'Resident memory of the worker.', w => w.rssBytes),
    family('oriel_worker_heap_used_bytes', 'JavaScript heap in use in the worker.', w => w.heapBytes),
    family('oriel_worker_cache_bytes', 'Response cache in memory, bytes.', w => w.cacheBytes),
    family('oriel_worker_cache_entries', 'Response cache in memory, entries.', w => w.cacheEntries),
    family('oriel_worker_limiter_keys', 'Keys that the rate limiter knows.', w => w.limiterKeys),
  ]
}

/** A page that repeats what one client says may not be everybody's: see the guide on caching. */
function reflectionFamily(workers: WorkerState[]): MetricFamily {
  const found = new MetricFamily(
    'gauge',
    'oriel_worker_cache_reflections',
    'Replies not stored since the worker began because they repeated a request header that is not in the key.',
  )
  for (const { worker, cacheReflections } of workers)
    for (const { route, header, count } of cacheReflections)
      found.add(count, { http_route: route, header, worker: String(worker) })
  return found
}

function telemetryFamilies(sources: PrometheusSources): MetricFamily[] {
  const health = sources.storeHealth()
  return [
    new MetricFamily(
      'counter',
      'oriel_telemetry_dropped_total',
      'Raw records lost, by where; metrics stay exact.',
    )
      .add(sources.counters.droppedRecords, { where: 'worker' })
      .add(health.droppedRecords, { where: 'store' }),
    new MetricFamily(
      'counter',
      'oriel_telemetry_sampled_out_total',
      'Exchanges counted and not kept as rows.',
    ).add(sources.counters.sampledOut),
    new MetricFamily(
      'gauge',
      'oriel_telemetry_queue_length',
      'Record batches on their way to the store.',
    ).add(health.queueLength),
    new MetricFamily('gauge', 'oriel_telemetry_degraded', '1 while rows cannot be stored.').add(
      health.degraded === '' ? 0 : 1,
    ),
  ]
}

function processFamilies(version: string): MetricFamily[] {
  const cpu = process.cpuUsage()
  return [
    new MetricFamily('gauge', 'target_info', 'What is being measured.').add(1, {
      service_name: 'oriel',
      service_version: version,
      process_runtime_version: process.version,
    }),
    new MetricFamily('counter', 'process_cpu_seconds_total', 'CPU time of the control process.').add(
      (cpu.user + cpu.system) / 1e6,
    ),
    new MetricFamily('gauge', 'process_resident_memory_bytes', 'Resident memory of the control process.').add(
      process.memoryUsage.rss(),
    ),
    new MetricFamily(
      'gauge',
      'process_start_time_seconds',
      'Start of the control process, Unix seconds.',
    ).add(performance.timeOrigin / 1000),
  ]
}
