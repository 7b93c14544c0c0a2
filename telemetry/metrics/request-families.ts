// The metrics of exchanges and attempts: durations as OpenTelemetry names them, bytes, cache and limits.
import { DURATION_BOUNDS_S } from '../record.ts'
import type { Counters } from './counters.ts'
import type { Exemplar, Totals } from './family.ts'
import { MetricFamily } from './metric-family.ts'

type Labels = Record<string, string>

interface Duration {
  labels: Labels
  count: number
  sumUs: number
  buckets: number[]
  exemplars: (Exemplar | null)[]
}

export function requestFamilies(counters: Counters): MetricFamily[] {
  const server = [...counters.server.totals]
  return [
    durations(
      'http_server_request_duration_seconds',
      'Duration of HTTP server requests.',
      server,
      serverLabels,
    ),
    durations(
      'http_client_request_duration_seconds',
      'Duration of HTTP client requests: attempts at upstreams.',
      [...counters.client.totals],
      clientLabels,
    ),
    totals('oriel_server_received_bytes_total', 'Request body bytes received from clients.', server, c => [
      { http_route: c.route },
      c.inBytes,
    ]),
    totals('oriel_server_sent_bytes_total', 'Response body bytes sent to clients.', server, c => [
      { http_route: c.route },
      c.outBytes,
    ]),
    totals('oriel_cache_requests_total', 'Requests by what the cache did (RFC 9211).', server, c =>
      c.cache === 'none' ? null : [{ http_route: c.route, status: c.cache }, c.count],
    ),
    totals(
      'oriel_cache_sent_bytes_total',
      'Response body bytes sent to clients, by what the cache did (RFC 9211).',
      server,
      c => (c.cache === 'none' ? null : [{ http_route: c.route, status: c.cache }, c.outBytes]),
    ),
    totals(
      'oriel_ratelimit_decisions_total',
      'Requests refused by a rate or concurrency limit.',
      server,
      c => (c.error === 'rate_limited' ? [{ http_route: c.route, decision: 'limited' }, c.count] : null),
    ),
    byReason('oriel_http_rejects_total', 'What was refused before it was a request.', counters.rejects.http),
    byReason('oriel_tls_handshake_failures_total', 'TLS handshakes that failed.', counters.rejects.tls),
  ]
}

function byReason(name: string, help: string, totals: ReadonlyMap<string, number>): MetricFamily {
  const family = new MetricFamily('counter', name, help)
  for (const [reason, count] of totals) family.add(count, { reason })
  return family
}

function serverLabels(c: Totals): Labels {
  return {
    http_request_method: c.method,
    http_route: c.route,
    http_response_status_code: String(c.status),
    network_protocol_version: c.protocol,
    ...errorType(c),
  }
}

function clientLabels(c: Totals): Labels {
  const port = /:(\d+)$/.exec(c.upstream)?.[1]
  const address = port === undefined ? c.upstream : c.upstream.slice(0, -port.length - 1)
  return {
    http_request_method: c.method,
    http_route: c.route,
    server_address: address,
    ...(port === undefined ? {} : { server_port: port }),
    ...(c.status === 0 ? {} : { http_response_status_code: String(c.status) }),
    ...errorType(c),
  }
}

/** Semantic conventions: `error.type` is the status code where nothing more is known, and absent on success. */
function errorType(c: Totals): Labels {
  if (c.error !== '') return { error_type: c.error }
  return c.status >= 500 ? { error_type: String(c.status) } : {}
}

function durations(
  name: string,
  help: string,
  cells: Totals[],
  labelsOf: (c: Totals) => Labels,
): MetricFamily {
  const family = new MetricFamily('histogram', name, help)
  for (const duration of mergeDurations(cells, labelsOf)) {
    let cumulative = 0
    for (let i = 0; i < duration.buckets.length; i++) {
      cumulative += duration.buckets[i]!
      const exemplar = duration.exemplars[i]
      family.samples.push({
        metricName: `${name}_bucket`,
        labels: {
          ...duration.labels,
          le: i < DURATION_BOUNDS_S.length ? String(DURATION_BOUNDS_S[i]) : '+Inf',
        },
        value: cumulative,
        ...(exemplar ? { exemplar: toExemplar(exemplar) } : {}),
      })
    }
    family.samples.push({ metricName: `${name}_sum`, labels: duration.labels, value: duration.sumUs / 1e6 })
    family.samples.push({ metricName: `${name}_count`, labels: duration.labels, value: duration.count })
  }
  return family
}

const toExemplar = (e: Exemplar) => ({
  labelSet: { trace_id: e.traceId },
  value: e.valueUs / 1e6,
  timestamp: e.atMs / 1000,
})

function mergeDurations(cells: Totals[], labelsOf: (c: Totals) => Labels): Iterable<Duration> {
  const merged = new Map<string, Duration>()
  for (const cell of cells) {
    const labels = labelsOf(cell)
    const key = JSON.stringify(labels)
    const known = merged.get(key)
    if (known === undefined) {
      const { count, sumUs, buckets, exemplars } = cell
      merged.set(key, { labels, count, sumUs, buckets: [...buckets], exemplars: [...exemplars] })
      continue
    }
    known.count += cell.count
    known.sumUs += cell.sumUs
    for (let i = 0; i < known.buckets.length; i++) {
      known.buckets[i]! += cell.buckets[i]!
      known.exemplars[i] = newer(known.exemplars[i] ?? null, cell.exemplars[i] ?? null)
    }
  }
  return merged.values()
}

const newer = (a: Exemplar | null, b: Exemplar | null): Exemplar | null =>
  a === null || (b !== null && b.atMs > a.atMs) ? b : a

function totals(
  name: string,
  help: string,
  cells: Totals[],
  of: (c: Totals) => [labels: Labels, value: number] | null,
): MetricFamily {
  const sums = new Map<string, { labels: Labels; value: number }>()
  for (const cell of cells) {
    const sample = of(cell)
    if (sample === null) continue
    const key = JSON.stringify(sample[0])
    const sum = sums.get(key) ?? { labels: sample[0], value: 0 }
    sum.value += sample[1]
    sums.set(key, sum)
  }
  const family = new MetricFamily('counter', name, help)
  for (const sum of sums.values()) family.add(sum.value, sum.labels)
  return family
}
