// One data directory belongs to one Oriel: two writers would spoil each other's telemetry.
import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createServer } from 'node:net'
import { Fault } from './fault.ts'

/**
 * Held as a socket in Linux' abstract namespace: the kernel frees it with the process, however it ends,
 * so there is no stale lock file to judge. Elsewhere there is no lock.
 * @throws Fault when another Oriel holds it
 */
export async function lockData(directory: string): Promise<void> {
  if (process.platform !== 'linux') return
  const hash = createHash('sha256').update(realpathSync(directory)).digest('hex').slice(0, 32)
  const lock = createServer().unref()
  await new Promise<void>((resolve, reject) => {
    lock.once('error', error => {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (taken) reject(new Fault(`data: ${directory} belongs to another Oriel that is running`))
      else resolve()
    })
    lock.listen(`\0oriel-${hash}`, resolve)
  })
}
