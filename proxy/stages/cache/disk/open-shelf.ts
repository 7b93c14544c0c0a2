// Opens data/cache.db without reading through it; one that cannot be trusted is set aside and an empty one made.
import { existsSync, renameSync } from 'node:fs'
import { basename } from 'node:path'
import type { Driver, OpenDriver } from '../../../../telemetry/store/driver.ts'
import { LAYOUT, PRAGMAS, TABLES, VERSION } from './schema.ts'

class Untrusted extends Error {}

/**
 * @param aside told in a sentence when a file was moved
 * @param damaged what is known to be wrong with the file; '': nothing
 * @throws SqliteError when the disk is at fault
 */
export function openShelf(
  file: string,
  open: OpenDriver,
  aside: (sentence: string) => void,
  damaged = '',
): Driver {
  try {
    if (damaged !== '') throw new Untrusted(damaged)
    return openTrusted(file, open)
  } catch (error) {
    const why = untrustedBecause(error)
    if (why === undefined) throw error
    const kept = setAside(file)
    aside(`${basename(file)} was set aside as ${basename(kept)} (${why}); the cache on disk starts empty.`)
    return openTrusted(file, open)
  }
}

/** Every answer is checked by its digest when it is read, so that nothing has to be read through now. */
function openTrusted(file: string, open: OpenDriver): Driver {
  const db = open(file, false)
  try {
    for (const pragma of [...LAYOUT, ...PRAGMAS]) db.run(pragma)
    const version = db.all<{ user_version: number }>('PRAGMA user_version')[0]!.user_version
    if (version > VERSION) throw new Untrusted(`written by a newer Oriel, version ${version}`)
    if (version === 0) {
      db.transaction(() => {
        for (const table of TABLES) db.run(table)
        db.run(`PRAGMA user_version = ${VERSION}`)
      })
    }
    db.all('SELECT id FROM entry ORDER BY id LIMIT 1')
    db.all('SELECT value FROM state LIMIT 1')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** @returns why the file, and not the disk, is at fault */
function untrustedBecause(error: unknown): string | undefined {
  if (error instanceof Untrusted) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('SQLITE_NOTADB')) return 'not a database'
  // SQLITE_ERROR: its tables are not ours.
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_ERROR') return 'damaged'
  return undefined
}

function setAside(file: string): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15)
  let kept = `${file}.aside-${stamp}`
  for (let n = 2; existsSync(kept); n++) kept = `${file}.aside-${stamp}-${n}`
  for (const suffix of ['', '-wal', '-shm'])
    if (existsSync(file + suffix)) renameSync(file + suffix, kept + suffix)
  return kept
}
