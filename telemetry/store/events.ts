// Writes exchange rows into the event file of the day; begins a new file at midnight or when told to.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ExchangeRecord } from '../record.ts'
import { DAY_MS, type DayFile, dayFilesOf, dayStart, IDS_PER_MS, toDayFile } from './day-file.ts'
import { Dictionary } from './dictionary.ts'
import type { Driver, OpenDriver } from './driver.ts'
import { insertExchange } from './insert-exchange.ts'
import { openDatabase, type ReportAside } from './open-database.ts'
import { EVENTS } from './schema.ts'

interface OpenFile extends DayFile {
  db: Driver
  dict: Dictionary
}

export class Events {
  readonly #dir: string
  readonly #open: OpenDriver
  readonly #aside: ReportAside
  #file: OpenFile | null = null
  #sequence = 0
  /** Last id of those that began before their file did. */
  #lastClamped = 0

  /** @param dir the directory of the event files */
  constructor(dir: string, open: OpenDriver, aside: ReportAside) {
    this.#dir = dir
    this.#open = open
    this.#aside = aside
  }

  /** Name of the file that is being written, '' before the first. */
  get current(): string {
    return this.#file?.name ?? ''
  }

  /** Opens the file that rows arriving now belong to. @throws SqliteError */
  ready(nowMs: number): void {
    this.#fileFor(nowMs)
  }

  /** One transaction: all of them or, when it throws, none. @throws SqliteError */
  write(records: readonly ExchangeRecord[], nowMs: number): void {
    const file = this.#fileFor(nowMs)
    try {
      file.db.transaction(() => {
        for (const record of records) this.#insert(file, record)
      })
    } catch (error) {
      file.dict.forget()
      throw error
    }
  }

  /** Later rows go into a file of their own: the one before can then be retained or removed by itself. */
  rotate(nowMs: number): void {
    this.close()
    // The next full second, so that the ids of both files stay apart.
    this.#openFile(toDayFile(Math.floor(nowMs / 1000) * 1000 + 1000))
  }

  /** Leaves the file optimised and without a write-ahead log. */
  close(): void {
    const file = this.#file
    this.#file = null
    if (file === null) return
    try {
      file.db.run('PRAGMA optimize')
      file.db.run('PRAGMA wal_checkpoint(TRUNCATE)')
    } finally {
      file.db.close()
    }
  }

  /**
   * A row's file is that of its arrival; ids never leave the file's span, so files stay in order. One that began
   * before its file (over midnight, a long WebSocket) stands at the file's beginning with its true start kept.
   */
  #insert(file: OpenFile, record: ExchangeRecord): void {
    const startedMs = Math.floor(record.startedMs)
    if (startedMs < file.fromMs) {
      const wanted = Math.max(file.fromMs * IDS_PER_MS, this.#lastClamped + 1)
      this.#lastClamped = insertExchange(file.db, file.dict, wanted, record)
      return
    }
    this.#sequence = (this.#sequence + 1) % IDS_PER_MS
    const ms = Math.min(startedMs, dayStart(file.fromMs) + DAY_MS - 1)
    insertExchange(file.db, file.dict, ms * IDS_PER_MS + this.#sequence, record)
  }

  #fileFor(nowMs: number): OpenFile {
    const file = this.#file
    if (file !== null && dayStart(file.fromMs) === dayStart(nowMs)) return file
    this.close()
    const today = dayFilesOf(readdirSync(this.#dir)).filter(
      known => dayStart(known.fromMs) === dayStart(nowMs),
    )
    return this.#openFile(today.at(-1) ?? toDayFile(dayStart(nowMs)))
  }

  #openFile(day: DayFile): OpenFile {
    const db = openDatabase(join(this.#dir, day.name), EVENTS, this.#open, this.#aside)
    this.#lastClamped = 0
    this.#file = { ...day, db, dict: new Dictionary(db) }
    return this.#file
  }
}
