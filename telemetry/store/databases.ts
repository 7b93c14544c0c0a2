// The writer's open databases, opened and closed together.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { OpenDriver } from './driver.ts'
import { Events } from './events.ts'
import { Meta } from './meta.ts'
import { openDatabase, type ReportAside } from './open-database.ts'
import { Rollup } from './rollup.ts'
import { META, ROLLUP } from './schema.ts'

export interface Databases {
  meta: Meta
  rollup: Rollup
  events: Events
}

/** @throws SqliteError, after closing what it had opened */
export function openDatabases(
  dataDir: string,
  open: OpenDriver,
  nowMs: number,
  aside: ReportAside,
): Databases {
  const eventsDir = join(dataDir, 'events')
  mkdirSync(eventsDir, { recursive: true })
  const closers: (() => void)[] = []
  try {
    const metaDb = openDatabase(join(dataDir, 'meta.db'), META, open, aside)
    closers.push(() => metaDb.close())
    const rollupDb = openDatabase(join(dataDir, 'rollup.db'), ROLLUP, open, aside)
    closers.push(() => rollupDb.close())
    const events = new Events(eventsDir, open, aside)
    closers.push(() => events.close())
    events.ready(nowMs)
    return { meta: new Meta(metaDb), rollup: new Rollup(rollupDb), events }
  } catch (error) {
    closeQuietly(closers)
    throw error
  }
}

/** A disk that has failed also fails at closing; there is nothing more to lose. */
export function closeDatabases(databases: Databases): void {
  closeQuietly([() => databases.events.close(), () => databases.rollup.close(), () => databases.meta.close()])
}

function closeQuietly(closers: (() => void)[]): void {
  for (const close of closers) {
    try {
      close()
    } catch {
      // The handle is gone either way.
    }
  }
}
