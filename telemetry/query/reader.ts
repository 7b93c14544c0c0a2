// Read-only connections to the data directory's databases, opened when asked and closed when the file is gone.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type DayFile, dayFilesOf } from '../store/day-file.ts'
import { type Driver, openDriver } from '../store/driver.ts'
import { EVENTS_OF_1 } from '../store/schema.ts'
import { QueryError } from './query-error.ts'

/** Event files open at once. */
const MAX_OPEN = 8

interface Open {
  driver: Driver
  inode: number
}

export class Reader {
  readonly dataDir: string
  /** By path below the data directory, least recently used first. */
  readonly #open = new Map<string, Open>()

  constructor(dataDir: string) {
    this.dataDir = dataDir
  }

  get meta(): Driver | null {
    return this.#get('meta.db')
  }

  get rollup(): Driver | null {
    return this.#get('rollup.db')
  }

  /** The cache's disk tier: its own thread's, read here. */
  get cache(): Driver | null {
    return this.#get('cache.db')
  }

  events(name: string): Driver | null {
    return this.#get(join('events', name))
  }

  /** Event files, oldest first. */
  files(): DayFile[] {
    const dir = join(this.dataDir, 'events')
    return statSync(dir, { throwIfNoEntry: false }) ? dayFilesOf(readdirSync(dir)) : []
  }

  close(): void {
    for (const name of [...this.#open.keys()]) this.#close(name)
  }

  /** @returns null when there is no such file; @throws QueryError 503 when it cannot be read just now */
  #get(name: string): Driver | null {
    const file = join(this.dataDir, name)
    const inode = statSync(file, { throwIfNoEntry: false })?.ino
    const known = this.#open.get(name)
    if (known !== undefined && known.inode !== inode) this.#close(name)
    if (inode === undefined) return null
    const open = this.#open.get(name) ?? { driver: openReadonly(file, name.startsWith('events')), inode }
    this.#open.delete(name)
    this.#open.set(name, open)
    if (this.#open.size > MAX_OPEN + 3) this.#closeOldestEvents()
    return open.driver
  }

  #closeOldestEvents(): void {
    const oldest = [...this.#open.keys()].find(name => name.startsWith('events'))
    if (oldest !== undefined) this.#close(oldest)
  }

  #close(name: string): void {
    this.#open.get(name)?.driver.close()
    this.#open.delete(name)
  }
}

function openReadonly(file: string, isEvents: boolean): Driver {
  try {
    const driver = openDriver(file, true)
    driver.run('PRAGMA cache_size = -2000')
    const { user_version } = driver.all<{ user_version: number }>('PRAGMA user_version')[0]!
    if (isEvents && user_version === 1) driver.run(EVENTS_OF_1)
    return driver
  } catch (error) {
    throw new QueryError(
      503,
      `telemetry cannot be read just now: ${error instanceof Error ? error.message : error}`,
    )
  }
}
