// The data directory: made when missing, refused with a clear sentence when it cannot be written.
import { closeSync, mkdirSync, openSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)

/** @throws Error `data directory …: not writable (EACCES)` */
export function prepareDataDir(dataDir: string): void {
  const probe = join(dataDir, `.probe-${process.pid}`)
  try {
    mkdirSync(join(dataDir, 'events'), { recursive: true })
    closeSync(openSync(probe, 'w'))
    unlinkSync(probe)
  } catch (error) {
    throw new Error(`data directory ${dataDir}: not writable (${codeOf(error)})`, { cause: error })
  }
}
