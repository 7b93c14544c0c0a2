// A disk that is really full: a 3 MB file system where one may be mounted, else SQLite's own page limit.
import { spawnSync } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { openDriver } from '../../../telemetry/store/driver.ts'
import type { FromStore } from '../../../telemetry/store/messages.ts'
import { Writer } from '../../../telemetry/store/writer.ts'
import { record, recordsJson, tallyCell } from '../records.ts'
import { tempDir } from '../temp-dir.ts'

/** @returns how to give the disk more room; undefined when this user may not mount */
function mountSmall(dir: string): (() => void) | undefined {
  const mount = (options: string) =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dir]).status === 0
  if (!mount('size=3m')) return undefined
  onTestFinished(() => void spawnSync('umount', ['-l', dir]))
  return () => void spawnSync('mount', ['-o', 'remount,size=64m', dir])
}

test('rows are dropped and counted while it is full, figures stay exact, and it heals by itself', () => {
  const dir = tempDir()
  const mounted = mountSmall(dir)
  let pages = mounted === undefined ? 150 : 100_000
  const grow = (): void => {
    pages = 100_000
    mounted?.()
  }
  const posted: FromStore[] = []
  let nowMs = Date.UTC(2026, 10, 12, 12)
  const settings = { dataDir: dir, maxAgeDays: 7, maxBytes: 1e9, ballastBytes: 65_536, retryMs: 3000 }
  const writer = new Writer(
    { ...settings, processStartedMs: nowMs },
    {
      post: message => posted.push(message),
      now: () => nowMs,
      open: (file, readonly) => {
        const driver = openDriver(file, readonly)
        driver.run(`PRAGMA max_page_count = ${file.includes('events') ? pages : 100_000}`)
        return driver
      },
    },
  )
  writer.start()
  const degraded = () => posted.findLast(m => m.type === 'degraded')?.reason ?? ''
  const dropped = () => posted.reduce((sum, m) => sum + (m.type === 'recordsDone' ? m.droppedRows : 0), 0)
  let sent = 0
  const second = () => {
    nowMs += 1000
    writer.records(
      recordsJson(Array.from({ length: 50 }, () => record({ startedMs: nowMs, query: 'q'.repeat(1500) }))),
    )
    writer.tally(
      ++sent,
      JSON.stringify({ atMs: nowMs, cells: [tallyCell({}, new Array<number>(50).fill(700))] }),
    )
    writer.tick()
  }
  while (degraded() === '' && sent < 200) second()
  expect(degraded()).toMatch(/^Rows are not being stored: the disk is full/)
  for (let i = 0; i < 20; i++) second()
  expect(dropped()).toBeGreaterThan(0)

  grow()
  for (let i = 0; i < 5; i++) second()
  expect(degraded()).toBe('')
  writer.close()

  const count = (file: string, sql: string): number => {
    const db = openDriver(`${dir}/${file}`, true)
    const n = db.all<{ n: number }>(sql)[0]!.n
    db.close()
    return n
  }
  expect(count('events/20261112.db', 'SELECT count(*) AS n FROM exchange') + dropped()).toBe(sent * 50)
  expect(count('rollup.db', 'SELECT sum(count) AS n FROM cell WHERE tier = 10')).toBe(sent * 50)
  expect(
    count(
      'meta.db',
      "SELECT count(*) AS n FROM event WHERE until IS NOT NULL AND text LIKE '%disk is full%'",
    ),
  ).toBe(1)
})
