// The ledger: what the client counted is what every view shows, exactly.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Overview, Scope } from '../../control/admin/contract.ts'
import { Ingest } from '../../telemetry/ingest/ingest.ts'
import { Live } from '../../telemetry/ingest/live.ts'
import { Counters } from '../../telemetry/metrics/counters.ts'
import { renderMetrics } from '../../telemetry/metrics/prometheus.ts'
import { Query } from '../../telemetry/query/query.ts'
import type { ExchangeRecord } from '../../telemetry/record.ts'
import { openDriver } from '../../telemetry/store/driver.ts'
import { Store } from '../../telemetry/store/store.ts'
import { randomFrom, recordsJson, tallyFrames, traffic } from './records.ts'

const COUNT = 3000
const SPAN_MS = 3 * 3600_000
// Whole 10 s, so that the edge cells hold exactly the scope.
const to = Math.floor(Date.now() / 10_000) * 10_000
const scope: Scope = { from: to - SPAN_MS, to, q: '' }

describe('the ledger of random traffic', () => {
  const dir = mkdtempSync(join(tmpdir(), 'oriel-ledger-'))
  // In order of time: those from before midnight stand at the beginning of today's file, in order of arrival.
  const records = traffic(randomFrom(7), COUNT, scope.from, SPAN_MS).sort((a, b) => a.startedMs - b.startedMs)
  const counters = new Counters()
  const live = new Live()
  let store: Store
  let query: Query
  let overview: Overview

  beforeAll(async () => {
    store = Store.open({ dataDir: dir, ballastBytes: 0 })
    query = new Query({ dataDir: dir })
    const ingest = new Ingest({ counters, live, store })
    for (const json of tallyFrames(records)) ingest.frame(1, 'tally', json)
    for (let i = 0; i < records.length; i += 100)
      ingest.frame(1, 'records', recordsJson(records.slice(i, i + 100)))
    await store.flush()
    overview = await query.ask('overview', { scope, inFlight: 3, upstreams: [] })
  })

  afterAll(async () => {
    live.close()
    await store.close()
    await query.close()
    rmSync(dir, { recursive: true })
  })

  const count = (of: (r: ExchangeRecord) => boolean): number => records.filter(of).length

  test('GET /metrics counts every request once, per route and status', async () => {
    const { body } = await renderMetrics(
      { counters, storeHealth: () => store.health, diskHealth: () => null, version: '1' },
      '',
    )
    const counted = new Map<string, number>()
    for (const [, route, status, value] of body.matchAll(
      /http_server_request_duration_seconds_count\{.*http_route="(.*?)",http_response_status_code="(\d+)".*\} (\d+)/g,
    )) {
      counted.set(`${route} ${status}`, (counted.get(`${route} ${status}`) ?? 0) + Number(value))
    }
    const expected = Map.groupBy(records, r => `${r.route} ${r.status}`)
    expect(Object.fromEntries(counted)).toEqual(
      Object.fromEntries([...expected].map(([key, of]) => [key, of.length])),
    )
  })

  test('the rollups hold them once', () => {
    const db = openDriver(join(dir, 'rollup.db'), true)
    const sums = db.all('SELECT tier, kind, sum(count) AS n FROM cell WHERE tier = 10 GROUP BY tier, kind')
    db.close()
    const attempts = records.reduce((sum, r) => sum + r.attempts.length, 0)
    expect(sums).toEqual([
      { tier: 10, kind: 0, n: COUNT },
      { tier: 10, kind: 1, n: attempts },
    ])
  })

  test('the overview shows them', () => {
    expect(overview.now.requests).toBe(COUNT)
    expect(overview.now.limited).toBe(count(r => r.error === 'rate_limited'))
    expect(overview.now.errorShare).toBe(count(r => r.status >= 500) / COUNT)
    expect(overview.now.outBytes).toBe(records.reduce((sum, r) => sum + r.outBytes, 0))
    expect(overview.inFlight).toBe(3)
    for (const row of overview.routes) {
      expect(row.requests).toBe(count(r => r.route === row.route))
      expect(row.trend.reduce((sum: number, n) => sum + (n ?? 0), 0)).toBe(row.requests)
    }
    expect(overview.routes).toHaveLength(3)
    expect(overview.upstreams.reduce((sum, row) => sum + row.attempts, 0)).toBe(
      records.reduce((sum, r) => sum + r.attempts.length, 0),
    )
  })

  test('the series and the request list agree with it', async () => {
    const series = await query.ask('series', { scope, by: 'route' })
    const total = series.groups.flatMap(group => group.counts).reduce((sum: number, n) => sum + (n ?? 0), 0)
    expect(total).toBe(COUNT)
    const page = await query.ask('exchanges', { scope, before: null, limit: 1 })
    expect(page.total).toBe(COUNT)
    const heatmap = await query.ask('heatmap', { scope })
    expect(heatmap.counts.flat().reduce((a, b) => a + b, 0)).toBe(COUNT)
  })

  test('paging through the list meets every row once, newest first', async () => {
    const ids: string[] = []
    let before: string | null = null
    do {
      const page: Awaited<ReturnType<typeof query.ask<'exchanges'>>> = await query.ask('exchanges', {
        scope,
        before,
        limit: 333,
      })
      ids.push(...page.rows.map(row => row.id))
      before = page.next
    } while (before !== null)
    expect(new Set(ids).size).toBe(COUNT)
    const times = ids.map(id => Number(id.split('-')[0]))
    expect(times).toEqual(times.toSorted((a, b) => b - a))
  })

  test.each([
    ['status:5xx', (r: ExchangeRecord) => r.status >= 500],
    ['is:limited', (r: ExchangeRecord) => r.error === 'rate_limited'],
    ['is:failed -status:500', (r: ExchangeRecord) => r.status === 502],
    ['is:aborted route:shop,api', (r: ExchangeRecord) => r.status === 499 && r.route !== '_unmatched'],
    ['error:*', (r: ExchangeRecord) => r.error !== ''],
    ['-cache:hit method:get', (r: ExchangeRecord) => r.cache !== 'hit' && r.method === 'GET'],
  ])('rollups and rows agree on %s', async (q, holds) => {
    const page = await query.ask('exchanges', { scope: { ...scope, q }, before: null, limit: 500 })
    expect(page.total).toBe(count(holds))
    // The same filter with a term that only rows can answer.
    const rows = await query.ask('overview', {
      scope: { ...scope, q: `${q} host:shop.test` },
      inFlight: 0,
      upstreams: [],
    })
    expect(rows.now.requests).toBe(count(holds))
  })
})
