// Somebody under attack looks here: each refusal in the log, in /metrics and among the requests, the same everywhere.
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExchangeDetail, ExchangePage } from '../../control/admin/contract.ts'
import { eventually, type RunningOriel, startOriel } from '../support/oriel.ts'
import { rawRequest } from '../support/raw-client.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let oriel: RunningOriel

beforeAll(async () => {
  upstream = await startUpstream((_request, response) => response.end('ok'))
  oriel = await startOriel(`  app.test: { to: '127.0.0.1:${upstream.port}' }\n`, 'workers: 2')
})
afterAll(async () => {
  await oriel.stop()
  await upstream.close()
})

const metric = async (line: string) =>
  Number(
    new RegExp(`^${line.replaceAll(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(
      await oriel.api<string>('/metrics'),
    )?.[1] ?? 0,
  )
const logged = () =>
  oriel
    .output()
    .split('\n')
    .filter(line => line.includes('"http_reject"'))
    .map(line => JSON.parse(line) as Record<string, unknown>)

test('a refusal is one escaped line, one count and one record', async () => {
  await rawRequest(
    oriel.http,
    'GET /\x1b[31m?token=s3cret HTTP/1.1\r\nHost: x\r\nAuthorization: Basic s3cret\r\nX: \x07\r\n\r\n',
  )
  await rawRequest(oriel.http, 'GET /a%zz HTTP/1.1\r\nHost: app.test\r\n\r\n')
  const lines = await eventually(
    // Two workers may tell of their own in either order.
    async () => logged().sort((a, b) => String(b.bytes_escaped).length - String(a.bytes_escaped).length),
    it => it.length >= 2,
  )
  expect(lines[0]).toMatchObject({
    event: 'http_reject',
    client: '127.0.0.1',
    conn_id: expect.stringMatching(/^[01]-\d+$/),
    scheme: 'http',
    suppressed: 0,
    bytes_escaped:
      'GET /\\x1b[31m?token=[redacted] HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: [redacted]\\r\\nX: \\x07',
  })
  const reasons = lines.map(it => it.reason)
  for (const reason of reasons) expect(await metric(`oriel_http_rejects_total{reason="${reason}"}`)).toBe(1)
  const page = await eventually(
    () => oriel.api<ExchangePage>('/api/v1/exchanges?q=route:_rejected'),
    it => it.rows.length >= 2,
  )
  const details = await Promise.all(
    page.rows.map(row => oriel.api<ExchangeDetail>(`/api/v1/exchanges/${row.id}`)),
  )
  expect(new Set(details.map(it => it.errorText))).toEqual(new Set(reasons))
  expect(details.map(it => `${it.worker}-${it.connection}`).sort()).toEqual(
    lines.map(it => it.conn_id).sort(),
  )
  expect(oriel.output()).not.toMatch(/s3cret|\x1b|\x07/)
})

test('under a flood every refusal is counted, and few are told', async () => {
  const before = {
    lines: logged().length,
    count: await metric('oriel_http_rejects_total{reason="two_hosts"}'),
  }
  const flood = 400
  for (let i = 0; i < flood; i += 20)
    await Promise.all(
      Array.from({ length: 20 }, () =>
        rawRequest(oriel.http, 'GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'),
      ),
    )
  await eventually(
    () => metric('oriel_http_rejects_total{reason="two_hosts"}'),
    count => count === before.count + flood,
  )
  // However many seconds the flood took: twenty lines in each, and what is not told is said later.
  expect(logged().length - before.lines).toBeLessThan(flood)
})

test('a failed handshake is counted by what was wrong with it', async () => {
  await rawRequest(oriel.https, 'GET / HTTP/1.1\r\nHost: app.test\r\n\r\n')
  const old = connectTls({
    port: oriel.https,
    host: '127.0.0.1',
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
    rejectUnauthorized: false,
  })
  await new Promise(resolve => old.on('error', resolve))
  const distrustful = connectTls({
    port: oriel.https,
    host: '127.0.0.1',
    rejectUnauthorized: true,
    maxVersion: 'TLSv1.2',
  })
  await new Promise(resolve => distrustful.on('error', resolve))
  for (const reason of ['plain_http', 'old_version']) {
    await eventually(
      () => metric(`oriel_tls_handshake_failures_total{reason="${reason}"}`),
      count => count >= 1,
    )
  }
})

test('requests on one connection carry one number, those on another another', async () => {
  const get = 'GET /same HTTP/1.1\r\nHost: app.test\r\n'
  await rawRequest(oriel.http, `${get}\r\n${get}Connection: close\r\n\r\n`)
  await rawRequest(oriel.http, `${get}Connection: close\r\n\r\n`)
  const { rows } = await eventually(
    () => oriel.api<ExchangePage>('/api/v1/exchanges?q=path:/same'),
    it => it.rows.length === 3,
  )
  const details = await Promise.all(rows.map(row => oriel.api<ExchangeDetail>(`/api/v1/exchanges/${row.id}`)))
  expect(new Set(details.map(it => `${it.worker}-${it.connection}`)).size).toBe(2)
})
