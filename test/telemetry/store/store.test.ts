// The store as the control process sees it: clear refusal at start, restart of its thread, bounded waiting.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Query } from '../../../telemetry/query/query.ts'
import { Store } from '../../../telemetry/store/store.ts'
import { record, recordsJson, tallyCell } from '../records.ts'
import { tempDir } from '../temp-dir.ts'

function open(dataDir: string): Store {
  const store = Store.open({ dataDir, ballastBytes: 0 })
  onTestFinished(() => store.close())
  return store
}

/** Before any spy. */
const realPost = Worker.prototype.postMessage

const tally = (atMs: number) => JSON.stringify({ atMs, cells: [tallyCell()] })

test('a data directory that cannot be written is named, with the reason', () => {
  const dir = tempDir()
  writeFileSync(join(dir, 'file'), '')
  expect(() => Store.open({ dataDir: join(dir, 'file') })).toThrow(
    `data directory ${dir}/file: not writable (ENOTDIR)`,
  )
})

test('flush means: on disk; close leaves no log behind', async () => {
  const dir = tempDir()
  const store = open(dir)
  const atMs = Date.now()
  for (let i = 0; i < 100; i++) {
    store.records(recordsJson([record({ startedMs: atMs })]))
    store.tally(tally(atMs))
  }
  expect(store.health.queueLength).toBe(100)
  await store.flush()
  expect(store.health).toEqual({ degraded: '', droppedRecords: 0, queueLength: 0 })
  const query = new Query({ dataDir: dir })
  const scope = { from: atMs - 60_000, to: atMs + 60_000, q: '' }
  const page = await query.ask('exchanges', { scope, before: null, limit: 500 })
  expect([page.total, page.rows.length]).toEqual([100, 100])
  await query.close()
  await store.close()
  expect(readdirSync(dir, { recursive: true }).filter(name => String(name).endsWith('-wal'))).toEqual([])
})

test('a thread that dies is started again and no tally is lost or counted twice', async () => {
  const dir = tempDir()
  const threads: Worker[] = []
  const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...args) {
    if (!threads.includes(this)) threads.push(this)
    return realPost.apply(this, args)
  })
  onTestFinished(() => post.mockRestore())
  const store = open(dir)
  await store.ready
  const atMs = Date.now()
  for (let i = 0; i < 5; i++) store.tally(tally(atMs))
  await store.flush()
  const died = new Promise(resolve => threads[0]!.once('exit', resolve))
  await threads[0]!.terminate()
  await died
  for (let i = 0; i < 3; i++) store.tally(tally(atMs))
  expect(store.records(recordsJson([record(), record()]))).toBe(false)
  expect(store.health).toMatchObject({ droppedRecords: 2, degraded: expect.stringContaining('dropped') })
  await store.flush()
  const query = new Query({ dataDir: dir })
  const scope = { from: atMs - 60_000, to: atMs + 60_000, q: '' }
  const { now, events } = await query.ask('overview', { scope, inFlight: 0, upstreams: [] })
  await query.close()
  expect(now.requests).toBe(8)
  expect(events.map(event => event.text)).toEqual([
    'The store thread ended and was started again; some rows of this time are missing.',
  ])
})
