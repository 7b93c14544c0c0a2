// The client's ledger, /metrics, the rollups, the rows and the dashboard: if two of them disagree, all are useless.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExchangePage, Overview, Series } from '../../control/admin/contract.ts'
import type { Status } from '../../control/admin/contract-status.ts'
import { launchBrowser } from '../support/browser.ts'
import { startLoad } from '../support/load.ts'
import { eventually, type RunningOriel, startOriel } from '../support/oriel.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

const TOTAL = 100_000

let upstream: TestUpstream
let oriel: RunningOriel

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    const status = Number(/\/status\/(\d+)/.exec(request.url!)?.[1] ?? 200)
    if (request.url!.startsWith('/cached')) response.setHeader('cache-control', 'max-age=60')
    request.resume()
    response.writeHead(status, { 'content-length': 2 }).end('ok')
  })
  const to = `127.0.0.1:${upstream.port}`
  oriel = await startOriel(
    `  app.test: { to: '${to}', cache: true, compress: false }\n` +
      `  app.test/limited/*: { to: '${to}', limit: { rate: 1/s, burst: 5 } }\n` +
      `  app.test/small/*: { to: '${to}', guard: { maxBody: 1b } }\n` +
      "  dead.test: { to: '127.0.0.1:1' }\n",
    'workers: 1\ntelemetry: { rows: 1000000/s }\n',
  )
})
afterAll(async () => {
  await oriel.stop()
  await upstream.close()
})

/** path and host by turn, with the route each belongs to. */
const kinds: [request: string, route: string][] = [
  ['GET /plain HTTP/1.1\r\nHost: app.test\r\n\r\n', 'app.test'],
  ['GET /cached/1 HTTP/1.1\r\nHost: app.test\r\n\r\n', 'app.test'],
  ['GET /status/404 HTTP/1.1\r\nHost: app.test\r\n\r\n', 'app.test'],
  ['GET /status/500 HTTP/1.1\r\nHost: app.test\r\n\r\n', 'app.test'],
  ['POST /status/201 HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2\r\n\r\nhi', 'app.test'],
  ['GET /limited/x HTTP/1.1\r\nHost: app.test\r\n\r\n', 'app.test/limited/*'],
  ['POST /small/x HTTP/1.1\r\nHost: app.test\r\nContent-Length: 2\r\n\r\nhi', 'app.test/small/*'],
  ['GET / HTTP/1.1\r\nHost: dead.test\r\n\r\n', 'dead.test'],
  ['GET / HTTP/1.1\r\nHost: nobody.test\r\n\r\n', '_unmatched'],
  ['GET / HTTP/1.1\r\nHost: app.test\r\nHost: app.test\r\n\r\n', '_rejected'],
]

test('100,000 requests of mixed outcome: the difference is zero everywhere', {
  timeout: 180_000,
}, async () => {
  const from = Date.now() - 60_000
  const outcomes = new Map<string, number>()
  const sent = new Map<string, number>()
  for (const [request, route] of kinds) {
    const load = startLoad({
      port: oriel.http,
      requests: () => request,
      connections: 32,
      total: TOTAL / kinds.length,
    })
    await load.done
    sent.set(route, (sent.get(route) ?? 0) + TOTAL / kinds.length)
    for (const [status, n] of load.outcomes) outcomes.set(status, (outcomes.get(status) ?? 0) + n)
    // On a machine that is busy with others the gate is faster than the writer, which may then drop rows and say so.
    await eventually(
      () => oriel.api<Status>('/api/v1/status'),
      status => status.telemetry.queueLength === 0,
      60_000,
    )
  }
  expect([...outcomes.keys()].filter(status => !/^\d{3}$/.test(status))).toEqual([])
  expect([...outcomes.values()].reduce((a, b) => a + b)).toBe(TOTAL)
  const scope = `from=${from}&to=${Date.now() + 60_000}`

  const overview = await eventually(
    () => oriel.api<Overview>(`/api/v1/overview?${scope}`),
    value => value.now.requests >= TOTAL,
    30_000,
  )
  expect(overview.now.requests).toBe(TOTAL)
  expect(new Map(overview.routes.map(row => [row.route, row.requests]))).toEqual(sent)

  const metrics = await oriel.api<string>('/metrics')
  expect(sumBy(metrics, 'http_response_status_code')).toEqual(outcomes)
  expect(sumBy(metrics, 'http_route')).toEqual(sent)

  for (const [status, count] of outcomes) {
    const series = await oriel.api<Series>(`/api/v1/series?by=status&${scope}&q=status:${status}`)
    const total = series.groups.flatMap(group => group.counts).reduce<number>((a, b) => a + (b ?? 0), 0)
    expect([status, total]).toEqual([status, count])
  }
  const { telemetry } = await oriel.api<Status>('/api/v1/status')
  expect([telemetry.droppedRecords, telemetry.sampledOut]).toEqual([0, 0])
  const rows = await eventually(
    () => countRows(scope),
    count => count >= TOTAL,
    60_000,
  )
  expect(rows).toBe(TOTAL)
  expect(await shown(scope)).toEqual([String(TOTAL), String(TOTAL)])
})

/** Sums `http_server_request_duration_seconds_count` by one label. */
function sumBy(metrics: string, label: string): Map<string, number> {
  const sums = new Map<string, number>()
  for (const match of metrics.matchAll(/^http_server_request_duration_seconds_count\{([^}]*)\} (\d+)/gm)) {
    const value = new RegExp(`${label}="([^"]*)"`).exec(match[1]!)![1]!
    sums.set(value, (sums.get(value) ?? 0) + Number(match[2]))
  }
  return sums
}

/** The numbers that a person sees on Overview and on Requests. */
async function shown(scope: string): Promise<(string | null)[]> {
  const browser = await launchBrowser()
  const page = await browser.newPage()
  await page.goto(oriel.link)
  const figures: (string | null)[] = []
  for (const [path, figure] of [
    ['/', 'requests'],
    ['/requests', 'total'],
  ]) {
    await page.goto(`${oriel.admin}${path}?${scope}`)
    const place = page.locator(`[data-figure="${figure}"]`)
    await place.waitFor()
    figures.push(await place.getAttribute('data-value'))
  }
  await browser.close()
  return figures
}

async function countRows(scope: string): Promise<number> {
  let count = 0
  let before = ''
  for (;;) {
    const page = await oriel.api<ExchangePage>(`/api/v1/exchanges?${scope}&limit=500${before}`)
    count += page.rows.length
    if (page.next === null) return count
    before = `&before=${page.next}`
  }
}
