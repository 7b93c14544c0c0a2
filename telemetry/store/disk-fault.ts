// Tells a fault of the disk or of a file, which the store outlives, from a fault of ours.

export interface DiskFault {
  /** For people: `the disk is full`. */
  reason: string
  full: boolean
}

const REASONS: readonly [code: string, reason: string][] = [
  ['SQLITE_FULL', 'the disk is full'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['SQLITE_IOERR', 'the disk reports errors'],
  ['EIO', 'the disk reports errors'],
  ['SQLITE_READONLY', 'the data directory is read-only'],
  ['EROFS', 'the data directory is read-only'],
  ['SQLITE_CANTOPEN', 'the database cannot be opened'],
  ['EACCES', 'the data directory is not accessible'],
  ['ENOENT', 'the data directory is gone'],
  ['SQLITE_CORRUPT', 'a database is damaged'],
  ['SQLITE_NOTADB', 'a database is damaged'],
  ['SQLITE_BUSY', 'a database is locked by another process'],
  ['SQLITE_NOMEM', 'memory ran out'],
]

/** @returns undefined for anything that is not the disk's doing */
export function diskFault(error: unknown): DiskFault | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const known = REASONS.find(([prefix]) => code.startsWith(prefix))
  if (known === undefined) return undefined
  return {
    reason: `${known[1]} (${code})`,
    full: code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT',
  }
}
