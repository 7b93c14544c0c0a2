// What the admin server may ask of the control process.
import { isIP } from 'node:net'
import type { DryRequest } from '../proxy/messages.ts'
import { QueryError } from '../telemetry/query/query-error.ts'
import type { ExplainRequest } from './admin/contract.ts'
import type { AdminServices } from './admin/services.ts'
import { cacheList } from './cache-list.ts'
import { explanation } from './explanation.ts'
import { Purger } from './purger.ts'
import { type StatusParts, status } from './status.ts'
import { version } from './version.ts'

/** @param ready Oriel serves and is not stopping */
export function adminServices(parts: StatusParts, ready: () => boolean): AdminServices {
  const { telemetry, supervisor, reloader, tier } = parts
  const { query, counters, live, store } = telemetry
  const purger = new Purger(supervisor, tier)
  return {
    ask: (question, params) => query.ask(question, params),
    status: () => status(parts),
    upstreamStates: () => counters.upstreams(),
    inFlight: () => counters.inFlight,
    ticks: () => live.ticks(),
    subscribe: (q, listener) => live.subscribe(q, listener),
    explain: async request => explanation(await supervisor.explain(dryRequest(request))),
    purge: purge => purger.purge(purge),
    cached: async wanted => cacheList(await supervisor.cached(wanted), wanted),
    reload: () => reloader.reload('asked for'),
    async metrics(accept) {
      // Prometheus' client library is only loaded where somebody scrapes.
      const { renderMetrics } = await import('../telemetry/metrics/prometheus.ts')
      return renderMetrics(
        { counters, storeHealth: () => store.health, diskHealth: () => tier?.health ?? null, version },
        accept,
      )
    },
    ready: () => ready() && supervisor.slots.some(slot => slot.serving),
  }
}

/** @throws QueryError 422 */
export function dryRequest({ method, url, headers = [], from = '127.0.0.1' }: ExplainRequest): DryRequest {
  const wrong = (message: string) => new QueryError(422, message)
  if (!/^[A-Za-z][A-Za-z-]{0,31}$/.test(method)) throw wrong(`"${method}" is no method`)
  if (!/^https?:\/\/[^/]/i.test(url) || !URL.canParse(url))
    throw wrong(`"${url}" is no absolute http or https URL`)
  if (isIP(from) === 0) throw wrong(`"${from}" is no address`)
  for (const [name, value] of headers) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[\r\n\0]/.test(value))
      throw wrong(`"${name}" is no header field`)
  }
  return { method: method.toUpperCase(), url, headers, from }
}
