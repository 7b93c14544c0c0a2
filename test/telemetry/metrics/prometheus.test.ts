// /metrics: accepted by promtool, exact, bounded, with exemplars only where they are asked for.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import type { CacheDisk } from '../../../control/admin/contract-cache.ts'
import { Counters } from '../../../telemetry/metrics/counters.ts'
import { renderMetrics } from '../../../telemetry/metrics/prometheus.ts'
import type { WorkerState } from '../../../telemetry/record.ts'
import { findProgram } from '../../support/find-program.ts'
import { tallyCell } from '../records.ts'

const promtool = findProgram('PROMTOOL', ['promtool'])
const health = { degraded: '', droppedRecords: 4, queueLength: 0 }

function workerState(over: Partial<WorkerState> = {}): WorkerState {
  const upstream = {
    route: 'shop',
    upstream: 'localhost:3000',
    state: 'up',
    reason: '',
    outUntilMs: 0,
  } as const
  return {
    worker: 1,
    pid: 100,
    inFlight: 2,
    connections: 3,
    utilisation: 0.1,
    rssBytes: 1e7,
    heapBytes: 1e6,
    cacheBytes: 0,
    cacheEntries: 0,
    cacheStored: 0,
    cacheEvictions: 0,
    cacheRefreshes: 2,
    diskFilterBytes: 0,
    diskLate: 0,
    diskDropped: 0,
    cacheReflections: [{ route: 'shop', header: 'x-theme', count: 3 }],
    limiterKeys: 1,
    droppedRecords: 5,
    sampledOut: 7,
    upstreams: [{ ...upstream, inFlight: 1, connections: 1 }],
    ...over,
  }
}

async function render(counters: Counters, accept = ''): Promise<string> {
  const disk: CacheDisk = {
    down: '',
    entries: 5,
    bytes: 6,
    budgetBytes: 7,
    hits: 8,
    misses: 9,
    stored: 10,
    evictions: 11,
    torn: 12,
  }
  return (
    await renderMetrics(
      { counters, storeHealth: () => health, diskHealth: () => disk, version: '0.1.0' },
      accept,
    )
  ).body
}

function busy(): Counters {
  const counters = new Counters()
  const exemplar = 'ab'.repeat(16)
  counters.apply(
    [
      tallyCell({ exemplar, cache: 'hit' }, [4000, 5000, 60_000]),
      tallyCell({ upstream: 'localhost:3001' }, [20_000_000]),
      tallyCell({ status: 429, error: 'rate_limited', upstream: '' }, [100, 100]),
      tallyCell({ status: 502, error: 'connection_refused', route: 'a "quoted" \\ route\n' }),
      tallyCell({ kind: 'client' }, [11_000]),
      tallyCell({ kind: 'client', status: 0, error: 'connection_refused', upstream: '[::1]:3000' }),
    ],
    1_800_000_000_000,
  )
  counters.state(workerState())
  counters.state(workerState({ worker: 2, pid: 101 }))
  return counters
}

test('names and samples obey the rules, and promtool has nothing to say where it is installed', async () => {
  const text = await render(busy())
  for (const family of text.trim().split('\n\n')) {
    const [help, type, ...samples] = family.split('\n')
    const [, name] = /^# HELP (\S+) .+\.$/.exec(help!)!
    const [, kind] = /^# TYPE \S+ (counter|gauge|histogram)$/.exec(type!)!
    expect(name!.endsWith('_total'), name).toBe(kind === 'counter')
    expect(new Set(samples).size, name).toBe(samples.length)
    for (const sample of samples) {
      expect(sample).toMatch(/^[a-z_]+(\{([a-z_]+="([^"\\\n]|\\["\\n])*",?)*\})? [0-9.e+-]+$/)
    }
  }
  if (promtool === undefined) return
  const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  })
  expect(stdout + stderr).toBe('')
  expect(status).toBe(0)
})

test('durations are exact: cumulative buckets, sum and count, merged over upstreams', async () => {
  const text = await render(busy())
  const line = (le: string) =>
    `http_server_request_duration_seconds_bucket{http_request_method="GET",http_route="shop",` +
    `http_response_status_code="200",network_protocol_version="1.1",le="${le}"}`
  expect(text).toContain(`${line('0.005')} 2\n`)
  expect(text).toContain(`${line('0.075')} 3\n`)
  expect(text).toContain(`${line('10')} 3\n`)
  expect(text).toContain(`${line('+Inf')} 4\n`)
  expect(text).toMatch(/_duration_seconds_sum\{.*http_response_status_code="200".*\} 20\.069\n/)
  expect(text).toContain('oriel_ratelimit_decisions_total{http_route="shop",decision="limited"} 2')
  expect(text).toContain('oriel_cache_requests_total{http_route="shop",status="hit"} 3')
  expect(text).toContain('server_address="[::1]",server_port="3000",error_type="connection_refused"')
  expect(text).toContain('http_server_active_requests 4')
  expect(text).toContain('oriel_upstream_in_flight{http_route="shop",upstream="localhost:3000"} 2')
  expect(text).toContain('oriel_worker_cache_reflections{http_route="shop",header="x-theme",worker="1"} 3')
  expect(text).not.toContain('# {')
})

test('OpenMetrics carries exemplars and its end mark', async () => {
  const text = await render(busy(), 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5')
  expect(text).toMatch(/le="0\.075"\} 3 # \{trace_id="(ab){16}"\} 0\.06 1800000000\n/)
  expect(text).toContain('oriel_telemetry_dropped_total{where="worker"} 10\n')
  expect(text).toContain('# TYPE oriel_telemetry_dropped counter\n')
  expect(text.endsWith('# EOF\n')).toBe(true)
})

test('counters of workers never fall when a worker is replaced', async () => {
  const counters = busy()
  counters.workerGone(1)
  counters.state(workerState({ worker: 2, pid: 999, droppedRecords: 0, sampledOut: 1 }))
  expect(counters.droppedRecords).toBe(10)
  expect(counters.sampledOut).toBe(15)
  expect(counters.workers).toHaveLength(1)
})

test('more label combinations than the bound share one cell, and none is lost', () => {
  const counters = new Counters()
  const cells = Array.from({ length: 10_050 }, (_, i) => tallyCell({ route: `r${i}` }))
  counters.apply(cells, 0)
  const totals = [...counters.server.totals]
  expect(totals).toHaveLength(10_001)
  expect(totals.find(t => t.route === '_other')?.count).toBe(50)
  expect(totals.reduce((sum, t) => sum + t.count, 0)).toBe(10_050)
})

test('the worst verdict of the workers is the state of an upstream', () => {
  const counters = busy()
  const out = {
    route: 'shop',
    upstream: 'localhost:3000',
    state: 'out',
    reason: '3 failures',
    outUntilMs: 9,
  } as const
  counters.state(workerState({ worker: 3, pid: 5, upstreams: [{ ...out, inFlight: 0, connections: 0 }] }))
  expect(counters.upstreams()).toEqual([{ ...out, inFlight: 2, connections: 2 }])
})

test('the cache is told apart by verdict, in requests and bytes, and its disk has its own figures', async () => {
  const text = await render(busy())
  for (const line of [
    'oriel_cache_disk_up 1',
    'oriel_cache_disk_entries 5',
    'oriel_cache_disk_evictions_total 11',
    'oriel_cache_sent_bytes_total{',
    'oriel_cache_requests_total{',
    'oriel_cache_stored_total{',
    'oriel_cache_evictions_total{',
    'oriel_cache_refreshes_total{worker="1"} 2',
    'oriel_worker_cache_bytes{',
    'oriel_worker_cache_entries{',
  ])
    expect(text).toContain(line)
})
