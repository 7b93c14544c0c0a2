// The writer against real SQLite: tiers, restarts, damaged and foreign files, a disk that refuses.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TimelineEvent } from '../../../control/admin/contract.ts'
import { type Driver, type OpenDriver, openDriver } from '../../../telemetry/store/driver.ts'
import type { FromStore, StoreSettings } from '../../../telemetry/store/messages.ts'
import { Writer } from '../../../telemetry/store/writer.ts'
import { randomFrom, record, recordsJson, tallyCell, tallyFrames, traffic } from '../records.ts'
import { tempDir } from '../temp-dir.ts'

const NOON = Date.UTC(2026, 10, 12, 12)
const HOUR = 3600_000

class Bench {
  readonly posted: FromStore[] = []
  readonly settings: StoreSettings
  nowMs = NOON
  /** Set: the next statements that change something fail with it. */
  failCode = ''
  failing = /^(INSERT|UPDATE|DELETE|PRAGMA user)/
  writer: Writer

  constructor(dataDir: string, over: Partial<StoreSettings> = {}) {
    this.settings = {
      dataDir,
      maxAgeDays: 7,
      maxBytes: 1e9,
      ballastBytes: 0,
      retryMs: 3000,
      processStartedMs: NOON - 1000,
      ...over,
    }
    this.writer = this.start()
  }

  start(): Writer {
    const open: OpenDriver = (file, readonly) => this.#failing(openDriver(file, readonly))
    this.writer = new Writer(this.settings, { post: m => this.posted.push(m), open, now: () => this.nowMs })
    this.writer.start()
    return this.writer
  }

  #failing(driver: Driver): Driver {
    return {
      ...driver,
      run: (sql, ...params) => {
        if (this.failCode !== '' && this.failing.test(sql)) {
          throw Object.assign(new Error('refused'), { code: this.failCode })
        }
        return driver.run(sql, ...params)
      },
    }
  }

  tally(atMs: number, count = 1): void {
    const cells = [tallyCell({}, new Array<number>(count).fill(12_000))]
    this.writer.tally(++this.#sequence, JSON.stringify({ atMs, cells }))
  }

  #sequence = 0

  read<Row>(file: string, sql: string): Row[] {
    const db = openDriver(join(this.settings.dataDir, file), true)
    try {
      return db.all<Row>(sql)
    } finally {
      db.close()
    }
  }

  counts(): Record<string, number> {
    const sql = 'SELECT tier, sum(count) AS n FROM cell WHERE kind = 0 GROUP BY tier'
    return Object.fromEntries(
      this.read<{ tier: number; n: number }>('rollup.db', sql).map(r => [r.tier, r.n]),
    )
  }

  events(): TimelineEvent[] {
    return this.read<TimelineEvent>('meta.db', 'SELECT at, kind, text, until FROM event ORDER BY id')
  }

  get rows(): number {
    return readdirSync(join(this.settings.dataDir, 'events'))
      .filter(name => name.endsWith('.db'))
      .reduce(
        (sum, name) =>
          sum + this.read<{ n: number }>(`events/${name}`, 'SELECT count(*) AS n FROM exchange')[0]!.n,
        0,
      )
  }

  get dropped(): number {
    return this.posted.reduce((sum, m) => sum + (m.type === 'recordsDone' ? m.droppedRows : 0), 0)
  }

  degraded(): string {
    return this.posted.findLast(m => m.type === 'degraded')?.reason ?? ''
  }
}

test('minutes that are over are in all three tiers, once', () => {
  const bench = new Bench(tempDir())
  const records = traffic(randomFrom(5), 500, NOON - HOUR, HOUR)
  for (const [i, json] of tallyFrames(records).entries()) bench.writer.tally(i + 1, json)
  bench.writer.flush()
  expect(bench.counts()).toEqual({ 10: 500 })
  bench.writer.tick()
  const inTime = records.filter(r => r.startedMs < NOON - 60_000).length
  expect(bench.counts()).toEqual({ 10: 500, 60: inTime, 3600: inTime })
  bench.nowMs += 120_000
  bench.writer.tick()
  expect(bench.counts()).toEqual({ 10: 500, 60: 500, 3600: 500 })
  bench.writer.close()
})

test('a tally that comes after its minute was folded counts in the first open bucket', () => {
  const bench = new Bench(tempDir())
  bench.writer.tick()
  bench.tally(NOON - 10 * 60_000, 3)
  bench.writer.flush()
  bench.nowMs += 180_000
  bench.writer.tick()
  expect(bench.counts()).toEqual({ 10: 3, 60: 3, 3600: 3 })
  bench.writer.close()
})

test('a restart within a bucket adds to it', () => {
  const bench = new Bench(tempDir())
  bench.tally(NOON, 2)
  bench.writer.close()
  bench.start()
  bench.tally(NOON + 1000, 3)
  bench.writer.flush()
  bench.tally(NOON + 2000, 4)
  bench.writer.close()
  expect(bench.read('rollup.db', 'SELECT ts, count FROM cell')).toEqual([{ ts: NOON / 1000, count: 9 }])
})

test('the tiers are kept as long as promised', () => {
  const bench = new Bench(tempDir())
  bench.tally(NOON, 1)
  bench.nowMs += 5 * 60_000
  bench.writer.tick()
  for (const [hours, tiers] of [
    [5, ['10', '60', '3600']],
    [7, ['60', '3600']],
    [24 * 31, ['3600']],
    [24 * 401, []],
  ] as const) {
    bench.nowMs = NOON + hours * HOUR
    bench.writer.tick()
    expect(Object.keys(bench.counts()).toSorted()).toEqual([...tiers].toSorted())
  }
  bench.writer.close()
})

test('the time between two runs is on the timeline: stopped in order, or without warning', () => {
  const bench = new Bench(tempDir())
  expect(bench.events()).toEqual([])
  bench.writer.close()
  bench.nowMs += HOUR
  bench.settings.processStartedMs = bench.nowMs
  bench.start()
  expect(bench.events()).toEqual([
    { at: NOON, kind: 'stop', text: 'Oriel was not running.', until: NOON + HOUR },
  ])
  bench.writer.flush()
  // No close: the process was killed.
  bench.nowMs += HOUR
  bench.settings.processStartedMs = bench.nowMs
  bench.start()
  expect(bench.events().at(-1)).toMatchObject({ at: NOON + HOUR, kind: 'telemetry', until: NOON + 2 * HOUR })
  bench.writer.close()
})

test.each([
  ['meta.db', (bytes: Buffer) => bytes.fill(0x5a, 4096, 8192)],
  ['rollup.db', (bytes: Buffer) => bytes.fill(0x5a, 0, 64)],
  ['events/20261112.db', (bytes: Buffer) => bytes.fill(0x5a, 4096)],
])('a damaged %s is set aside, never deleted, and reported', (name, damage) => {
  const dir = tempDir()
  const bench = new Bench(dir)
  bench.writer.event({ at: NOON, kind: 'start', text: 'Started.', until: null })
  bench.writer.records(recordsJson(Array.from({ length: 50 }, () => record())))
  bench.tally(NOON)
  bench.writer.close()
  const bytes = readFileSync(join(dir, name))
  damage(bytes)
  writeFileSync(join(dir, name), bytes)
  bench.start()
  expect(
    bench.events().some(event => /was set aside as .*\.aside-.*; a fresh one was begun\./.test(event.text)),
  ).toBe(true)
  const parent = join(dir, name, '..')
  const aside = readdirSync(parent).find(file => file.includes('.aside-'))!
  expect(readFileSync(join(parent, aside)).equals(bytes)).toBe(true)
  bench.writer.records(recordsJson([record()]))
  bench.writer.close()
  expect(bench.dropped).toBe(0)
})

test('a file of a newer Oriel is set aside', () => {
  const dir = tempDir()
  const db = openDriver(join(dir, 'rollup.db'), false)
  db.run('PRAGMA user_version = 99')
  db.close()
  const bench = new Bench(dir)
  expect(bench.events()[0]!.text).toContain('written by a newer Oriel, schema 99')
  bench.writer.close()
})

test.each([
  ['SQLITE_FULL', 'the disk is full'],
  ['SQLITE_IOERR_FSYNC', 'the disk reports errors'],
])('%s while running: rows dropped and counted, figures kept, recovery without a restart', (code, words) => {
  const bench = new Bench(tempDir())
  bench.writer.records(recordsJson([record()]))
  bench.failCode = code
  bench.writer.records(recordsJson([record(), record()]))
  expect(bench.degraded()).toContain(words)
  for (let i = 0; i < 5; i++) {
    bench.nowMs += 1000
    bench.tally(bench.nowMs, 2)
    bench.writer.records(recordsJson([record()]))
    bench.writer.event({ at: bench.nowMs, kind: 'reload', text: `Reload ${i}.`, until: null })
    bench.writer.tick()
  }
  expect([bench.rows, bench.dropped]).toEqual([1, 7])
  bench.failCode = ''
  bench.nowMs += 3000
  bench.writer.tick()
  expect(bench.degraded()).toBe('')
  expect(bench.counts()[10]).toBe(10)
  bench.writer.records(recordsJson([record()]))
  expect([bench.rows, bench.dropped]).toEqual([2, 7])
  const events = bench.events()
  expect(events.filter(event => event.kind === 'reload')).toHaveLength(5)
  expect(events.at(-1)).toMatchObject({ at: NOON, kind: 'telemetry', until: bench.nowMs })
  expect(events.at(-1)!.text).toMatch(/^Rows were not stored: .*Figures are complete\.$/)
  bench.writer.close()
})

test('a disk that fails for long is not told of every few seconds: at once, after 1 and 11 min, and when it is well', () => {
  const bench = new Bench(tempDir())
  const said = () =>
    bench.posted.flatMap(m =>
      m.type === 'event' ? [`${(bench.nowMs - NOON) / 1000} s: ${m.event.text}`] : [],
    )
  const heard: string[] = []
  const listen = () => {
    heard.push(...said())
    bench.posted.length = 0
  }
  const second = () => {
    bench.nowMs += 1000
    bench.writer.records(recordsJson([record()]))
    listen()
    bench.writer.tick()
    listen()
  }
  bench.failing = /^INSERT OR IGNORE INTO exchange/
  bench.failCode = 'SQLITE_IOERR_WRITE'
  // What a retry writes succeeds, the next rows fail: over and over.
  for (let s = 0; s < 700; s++) second()
  const why = 'the disk reports errors (SQLITE_IOERR_WRITE)'
  expect(heard).toEqual([
    `1 s: Rows are not being stored: ${why}. Figures stay exact.`,
    `61 s: Rows have not been stored for 1 min: ${why}. Figures stay exact.`,
    `661 s: Rows have not been stored for 11 min: ${why}. Figures stay exact.`,
  ])
  bench.failCode = ''
  for (let s = 0; s < 100; s++) second()
  expect(heard.slice(3)).toEqual([
    expect.stringContaining(`Rows are stored again; they were not: ${why}. Figures are complete.`),
  ])
  expect(bench.events()).toHaveLength(1)
  bench.failCode = 'SQLITE_IOERR_WRITE'
  second()
  expect(heard).toHaveLength(5)
  bench.writer.close()
})

test('a disk that is full from the start does not stop anything', () => {
  const bench = new Bench(tempDir())
  bench.writer.close()
  bench.failCode = 'SQLITE_FULL'
  bench.start()
  bench.writer.records(recordsJson([record()]))
  expect([bench.dropped, bench.degraded()]).toEqual([1, expect.stringContaining('the disk is full')])
  bench.failCode = ''
  bench.nowMs += 4000
  bench.writer.tick()
  bench.writer.records(recordsJson([record()]))
  expect(bench.rows).toBe(1)
  bench.writer.close()
})

test('a fault of ours is thrown, not taken for a fault of the disk', () => {
  const bench = new Bench(tempDir())
  expect(() => bench.writer.records('{')).toThrow(SyntaxError)
  bench.writer.close()
})

test('a full disk costs first the ballast, then the oldest day, never today', () => {
  const dir = tempDir()
  mkdirSync(join(dir, 'events'))
  for (const day of ['20261109', '20261110']) writeFileSync(join(dir, 'events', `${day}.db`), 'x')
  const bench = new Bench(dir, { ballastBytes: 1000, maxAgeDays: 100 })
  expect(statSync(join(dir, '.ballast')).size).toBe(1000)
  const files = () =>
    readdirSync(dir, { recursive: true })
      .filter(f => /ballast|\d\.db$/.test(String(f)))
      .toSorted()
  bench.failCode = 'SQLITE_FULL'
  bench.writer.records(recordsJson([record()]))
  const seen: unknown[] = []
  for (let i = 0; i < 4; i++) {
    bench.nowMs += 3000
    bench.writer.tick()
    seen.push(files())
  }
  const today = 'events/20261112.db'
  expect(seen).toEqual([
    ['events/20261109.db', 'events/20261110.db', today],
    ['events/20261110.db', today],
    [today],
    [today],
  ])
  bench.failCode = ''
  bench.nowMs += 3000
  bench.writer.tick()
  expect(files()).toEqual(['.ballast', today])
  bench.writer.close()
})

test('rows go to the file of their day; those from before midnight keep their start', () => {
  const bench = new Bench(tempDir())
  const midnight = Date.UTC(2026, 10, 13)
  bench.nowMs = midnight - 1000
  bench.writer.records(recordsJson([record({ startedMs: midnight - 2000 })]))
  bench.nowMs = midnight + 1000
  bench.writer.records(
    recordsJson([record({ startedMs: midnight - 500 }), record({ startedMs: midnight - 400 })]),
  )
  bench.writer.records(recordsJson([record({ startedMs: midnight + 900 })]))
  const rows = bench.read<{ id: number; started_ms: number }>(
    'events/20261113.db',
    'SELECT id, started_ms FROM exchange',
  )
  expect(rows).toEqual([
    { id: midnight * 4096, started_ms: midnight - 500 },
    { id: midnight * 4096 + 1, started_ms: midnight - 400 },
    { id: expect.any(Number), started_ms: midnight + 900 },
  ])
  expect(bench.rows).toBe(4)
  bench.writer.close()
})

test('ten thousand rows of one millisecond all get an id', () => {
  const bench = new Bench(tempDir())
  const rows = Array.from({ length: 10_000 }, () => record({ startedMs: NOON }))
  bench.writer.records(recordsJson(rows))
  expect(bench.rows).toBe(10_000)
  bench.writer.close()
})

test('a file over its part of the budget is followed by another, and the oldest goes first', () => {
  const dir = tempDir()
  const bench = new Bench(dir, { maxBytes: 1_500_000 })
  let stored = 0
  for (let minute = 0; minute < 12; minute++) {
    bench.nowMs += 61_000
    const rows = Array.from({ length: 200 }, () =>
      record({ startedMs: bench.nowMs, query: 'x'.repeat(1000) }),
    )
    bench.writer.records(recordsJson(rows))
    stored += rows.length
    bench.writer.tick()
  }
  const files = readdirSync(join(dir, 'events')).filter(name => name.endsWith('.db'))
  expect(files.length).toBeGreaterThan(2)
  expect(files.length).toBeLessThan(6)
  expect(bench.rows).toBeLessThan(stored)
  expect(bench.dropped).toBe(0)
  bench.writer.close()
})
