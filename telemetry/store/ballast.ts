// A file that does nothing but occupy space: a full disk can be tidied only while something can be given up.
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The disk must have this many times the ballast free before it is laid. */
const FREE_TIMES = 4

/** Lays it unless it lies there, or the disk is so full that it would be the trouble itself. */
export function layBallast(dataDir: string, bytes: number): void {
  const file = join(dataDir, '.ballast')
  if (bytes === 0 || statSync(file, { throwIfNoEntry: false })?.size === bytes) return
  const disk = statfsSync(dataDir)
  if (disk.bavail * disk.bsize < bytes * FREE_TIMES) return
  try {
    // Written, not sparse: the blocks must really be taken.
    writeFileSync(file, Buffer.alloc(bytes, 1))
  } catch {
    // A quota or a limit on file sizes: rows can be stored without ballast until they meet it themselves.
    rmSync(file, { force: true })
  }
}

/** @returns whether there was one */
export function dropBallast(dataDir: string): boolean {
  const file = join(dataDir, '.ballast')
  if (!statSync(file, { throwIfNoEntry: false })) return false
  rmSync(file)
  return true
}
