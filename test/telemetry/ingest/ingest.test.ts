// Frames from a worker's pipe, cut anywhere, reach counters, live view and store; a worker's death is a gap.
import { expect, onTestFinished, test } from 'vitest'
import type { LiveEvent } from '../../../control/admin/contract.ts'
import { encodeFrame, FrameReader } from '../../../telemetry/frame.ts'
import { Ingest } from '../../../telemetry/ingest/ingest.ts'
import { Live } from '../../../telemetry/ingest/live.ts'
import { Counters } from '../../../telemetry/metrics/counters.ts'
import { Query } from '../../../telemetry/query/query.ts'
import { Store } from '../../../telemetry/store/store.ts'
import { randomFrom, record, recordsJson, tallyCell } from '../records.ts'
import { tempDir } from '../temp-dir.ts'

function setUp() {
  const dataDir = tempDir()
  const store = Store.open({ dataDir, ballastBytes: 0 })
  const query = new Query({ dataDir })
  const live = new Live()
  const counters = new Counters()
  onTestFinished(async () => {
    live.close()
    await Promise.all([store.close(), query.close()])
  })
  return { store, query, live, counters, ingest: new Ingest({ counters, live, store }) }
}

const state = { worker: 7, pid: 1, inFlight: 5, connections: 6, utilisation: 0, rssBytes: 1, heapBytes: 1 }
const rest = {
  cacheBytes: 0,
  cacheEntries: 0,
  cacheStored: 0,
  cacheEvictions: 0,
  cacheRefreshes: 0,
  diskFilterBytes: 0,
  diskLate: 0,
  diskDropped: 0,
  cacheReflections: [],
  limiterKeys: 0,
  droppedRecords: 2,
  sampledOut: 3,
  upstreams: [],
}

test('a stream of frames cut at random arrives whole', async () => {
  const { store, live, query, counters, ingest } = setUp()
  const now = Date.now()
  const stream = Buffer.concat(
    Array.from({ length: 20 }, (_, i) => [
      encodeFrame('records', recordsJson([record({ startedMs: now + i, path: `/${'é'.repeat(i)}` })])),
      encodeFrame('tally', JSON.stringify({ atMs: now, cells: [tallyCell()] })),
      encodeFrame('state', JSON.stringify({ ...state, ...rest })),
    ]).flat(),
  )
  const reader = new FrameReader((kind, json) => ingest.frame(7, kind, json))
  const random = randomFrom(9)
  for (let at = 0; at < stream.length; ) {
    const size = 1 + Math.floor(random() * 700)
    reader.push(stream.subarray(at, at + size))
    at += size
  }
  expect([...counters.server.totals].map(t => t.count)).toEqual([20])
  expect([counters.inFlight, live.inFlight]).toEqual([5, 5])
  await store.flush()
  const scope = { from: now - 60_000, to: now + 60_000, q: '' }
  const page = await query.ask('exchanges', { scope, before: null, limit: 100 })
  expect([page.total, page.rows.length]).toEqual([20, 20])
  expect(page.rows[0]!.path).toBe(`/${'é'.repeat(19)}`)
})

test('a worker that died is a marked gap, and its counts stay', async () => {
  const { store, live, query, counters, ingest } = setUp()
  const heard: LiveEvent[] = []
  live.subscribe('', event => heard.push(event))
  ingest.frame(7, 'state', JSON.stringify({ ...state, ...rest }))
  ingest.workerDied(7, 1000, 2500)
  expect([counters.inFlight, counters.droppedRecords, counters.sampledOut]).toEqual([0, 2, 3])
  await store.flush()
  const gap = { at: 1000, kind: 'worker', until: 2500 }
  expect(await query.ask('events', { from: 0, to: 5000 })).toMatchObject([gap])
  expect(heard.filter(event => event.type === 'event')).toMatchObject([{ event: gap }])
})

test('a payload that is not JSON is the caller’s to handle', () => {
  const { ingest } = setUp()
  expect(() => ingest.frame(1, 'tally', '{')).toThrow(SyntaxError)
})
