// Opens a database for writing; one that cannot be trusted is moved aside, never deleted, and a fresh one made.
import type { Driver, OpenDriver } from './driver.ts'
import type { Schema } from './schema.ts'
import { openOrSetAside, Untrusted } from './set-aside.ts'

/** Called with a sentence for the timeline when a file was moved aside. */
export type ReportAside = (sentence: string) => void

/** @throws SqliteError when the disk, not the file, is at fault (full, I/O error, not permitted) */
export function openDatabase(file: string, schema: Schema, open: OpenDriver, aside: ReportAside): Driver {
  return openOrSetAside(
    file,
    () => openTrusted(file, schema, open),
    what => aside(`${what}; a fresh one was begun.`),
  )
}

function openTrusted(file: string, schema: Schema, open: OpenDriver): Driver {
  const db = open(file, false)
  try {
    for (const pragma of schema.layout) db.run(pragma)
    for (const pragma of schema.pragmas) db.run(pragma)
    const version = db.all<{ user_version: number }>('PRAGMA user_version')[0]!.user_version
    if (version > schema.version) throw new Untrusted(`written by a newer Oriel, schema ${version}`)
    if (version === 0) create(db, schema)
    else {
      quickCheck(db)
      upgrade(db, schema, version)
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function create(db: Driver, schema: Schema): void {
  db.transaction(() => {
    for (const table of schema.tables) db.run(table)
    db.run(`PRAGMA user_version = ${schema.version}`)
  })
}

function upgrade(db: Driver, { version, upgrades }: Schema, from: number): void {
  if (from === version) return
  db.transaction(() => {
    for (const statement of upgrades.slice(from - 1).flat()) db.run(statement)
    db.run(`PRAGMA user_version = ${version}`)
  })
}

function quickCheck(db: Driver): void {
  const finding = db.all<{ quick_check: string }>('PRAGMA quick_check(1)')[0]?.quick_check
  if (finding === 'ok') return
  throw new Untrusted(
    `damaged: ${finding?.replace('*** in database main ***', '').replace(/\s+/g, ' ').trim()}`,
  )
}
