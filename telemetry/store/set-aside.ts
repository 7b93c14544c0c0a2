// A database that cannot be trusted is moved aside, never deleted, and a fresh one made in its place.
import { existsSync, renameSync } from 'node:fs'
import { basename } from 'node:path'
import type { Driver } from './driver.ts'

/** Thrown by who opens a database and finds that it, not the disk, is at fault. */
export class Untrusted extends Error {}

/**
 * @param open throws `Untrusted`, or what SQLite throws
 * @param aside told of the file that was moved: both names and why
 * @throws SqliteError when the disk, not the file, is at fault (full, I/O error, not permitted)
 */
export function openOrSetAside(file: string, open: () => Driver, aside: (what: string) => void): Driver {
  try {
    return open()
  } catch (error) {
    const why = untrustedBecause(error)
    if (why === undefined) throw error
    aside(`${basename(file)} was set aside as ${basename(moveAside(file))} (${why})`)
    return open()
  }
}

function untrustedBecause(error: unknown): string | undefined {
  if (error instanceof Untrusted) return error.message
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('SQLITE_NOTADB')) return 'not a database'
  // SQLITE_ERROR: the version says that it is ours, and its tables say that it is not.
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_ERROR') return 'damaged'
  return undefined
}

function moveAside(file: string): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15)
  let kept = `${file}.aside-${stamp}`
  for (let n = 2; existsSync(kept); n++) kept = `${file}.aside-${stamp}-${n}`
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, kept + suffix)
  }
  return kept
}
