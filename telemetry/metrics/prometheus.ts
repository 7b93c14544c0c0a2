// GET /metrics: the counters as Prometheus text, or OpenMetrics with exemplars when asked for.
import { Registry } from 'prom-client'
import type { CacheDisk } from '../../control/admin/contract-cache.ts'
import type { StoreHealth } from '../store/store.ts'
import { cacheFamilies } from './cache-families.ts'
import type { Counters } from './counters.ts'
import { gaugeFamilies } from './gauges.ts'
import { requestFamilies } from './request-families.ts'

export interface PrometheusSources {
  counters: Counters
  /** `store.health`, read at each scrape. */
  storeHealth: () => StoreHealth
  /** How the cache's disk tier is; null: there is none. */
  diskHealth: () => CacheDisk | null
  version: string
}

/**
 *     const { contentType, body } = await renderMetrics(sources, request.headers.accept ?? '')
 *
 * Names follow OpenTelemetry HTTP metrics in their Prometheus form; Oriel's own begin with `oriel_`.
 */
export async function renderMetrics(
  sources: PrometheusSources,
  accept: string,
): Promise<{ contentType: string; body: string }> {
  const contentType = accept.includes('application/openmetrics-text')
    ? Registry.OPENMETRICS_CONTENT_TYPE
    : Registry.PROMETHEUS_CONTENT_TYPE
  const registry = new Registry<typeof Registry.PROMETHEUS_CONTENT_TYPE>()
  registry.setContentType(contentType as typeof Registry.PROMETHEUS_CONTENT_TYPE)
  for (const family of [
    ...requestFamilies(sources.counters),
    ...gaugeFamilies(sources),
    ...cacheFamilies(sources),
  ]) {
    registry.registerMetric(family.asMetric())
  }
  return { contentType, body: await registry.metrics() }
}
