// The metrics of the cache beside its verdicts: what memory and disk took in and let go.
import type { WorkerState } from '../record.ts'
import { MetricFamily } from './metric-family.ts'
import type { PrometheusSources } from './prometheus.ts'

type Kind = 'counter' | 'gauge'

export function cacheFamilies({ counters, diskHealth }: PrometheusSources): MetricFamily[] {
  const byWorker = (kind: Kind, name: string, help: string, of: (w: WorkerState) => number) => {
    const made = new MetricFamily(kind, name, help)
    for (const w of counters.workers) made.add(of(w), { worker: String(w.worker) })
    return made
  }
  const memory = [
    byWorker('counter', 'oriel_cache_stored_total', 'Responses taken into memory.', w => w.cacheStored),
    byWorker(
      'counter',
      'oriel_cache_evictions_total',
      'Responses that gave way in memory.',
      w => w.cacheEvictions,
    ),
    byWorker(
      'counter',
      'oriel_cache_refreshes_total',
      'Stale answers asked about behind their clients.',
      w => w.cacheRefreshes,
    ),
    byWorker(
      'counter',
      'oriel_cache_disk_late_total',
      'Lookups that the disk did not answer in time.',
      w => w.diskLate,
    ),
    byWorker(
      'counter',
      'oriel_cache_disk_dropped_total',
      'Responses not written to disk because too many waited.',
      w => w.diskDropped,
    ),
    byWorker(
      'gauge',
      'oriel_cache_disk_filter_bytes',
      "The worker's filter of keys on disk.",
      w => w.diskFilterBytes,
    ),
  ]
  const disk = diskHealth()
  if (disk === null) return memory
  const one = (kind: Kind, name: string, help: string, value: number) =>
    new MetricFamily(kind, name, help).add(value)
  return [
    ...memory,
    one('gauge', 'oriel_cache_disk_up', '1 while the disk tier is in service.', disk.down === '' ? 1 : 0),
    one('gauge', 'oriel_cache_disk_bytes', 'Disk that stored responses take.', disk.bytes),
    one('gauge', 'oriel_cache_disk_budget_bytes', 'Disk that they may take.', disk.budgetBytes),
    one('gauge', 'oriel_cache_disk_entries', 'Stored responses on disk.', disk.entries),
    one('counter', 'oriel_cache_disk_hits_total', 'Lookups answered from disk.', disk.hits),
    one('counter', 'oriel_cache_disk_misses_total', 'Lookups for which the disk had nothing.', disk.misses),
    one('counter', 'oriel_cache_disk_stored_total', 'Responses written to disk.', disk.stored),
    one('counter', 'oriel_cache_disk_evictions_total', 'Responses that gave way on disk.', disk.evictions),
    one('counter', 'oriel_cache_disk_torn_total', 'Damaged entries, treated as misses.', disk.torn),
  ]
}
