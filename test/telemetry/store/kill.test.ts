// kill -9 while writing: the files open again, nothing that was acknowledged is missing, no batch is half there.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openDriver } from '../../../telemetry/store/driver.ts'
import { Store } from '../../../telemetry/store/store.ts'
import { tempDir } from '../temp-dir.ts'
import { FRAME_ROWS } from './frame-rows.ts'

/** @returns how many frames were acknowledged as stored */
async function writeAndKill(dataDir: string, afterLines: number): Promise<number> {
  const script = fileURLToPath(new URL('./write-until-killed.ts', import.meta.url))
  const child = spawn(process.execPath, [script, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = once(child, 'exit')
  let acknowledged = 0
  let lines = 0
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line)
    if (++lines >= afterLines) child.kill('SIGKILL')
  }
  await gone
  return acknowledged
}

function all<Row>(file: string, sql: string): Row[] {
  const db = openDriver(file, true)
  try {
    return db.all<Row>(sql)
  } finally {
    db.close()
  }
}

test('killed three times in a row', { timeout: 60_000 }, async () => {
  const dir = tempDir()
  let acknowledged = 0
  for (const lines of [1, 3, 2]) acknowledged += (await writeAndKill(dir, lines)) * FRAME_ROWS
  const store = Store.open({ dataDir: dir, ballastBytes: 0 })
  await store.ready
  expect(store.health.degraded).toBe('')
  await store.close()

  const events = readdirSync(join(dir, 'events'))
  expect(
    readdirSync(dir)
      .concat(events)
      .filter(name => name.includes('.aside')),
  ).toEqual([])
  const files = events.filter(name => name.endsWith('.db')).map(name => join(dir, 'events', name))
  for (const file of [...files, join(dir, 'rollup.db'), join(dir, 'meta.db')]) {
    expect(all(file, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  }
  const rows = files.reduce(
    (sum, file) => sum + all<{ n: number }>(file, 'SELECT count(*) AS n FROM exchange')[0]!.n,
    0,
  )
  expect(rows).toBeGreaterThanOrEqual(acknowledged)
  expect(rows % FRAME_ROWS).toBe(0)
  const counted = all<{ n: number }>(
    join(dir, 'rollup.db'),
    'SELECT sum(count) AS n FROM cell WHERE tier = 10',
  )[0]!.n
  expect(counted).toBeGreaterThanOrEqual(acknowledged)
  expect(counted % FRAME_ROWS).toBe(0)
  const gaps = all<{ text: string }>(join(dir, 'meta.db'), 'SELECT text FROM event WHERE until IS NOT NULL')
  expect(gaps).toHaveLength(3)
  expect(gaps[0]!.text).toContain('without warning')
})
