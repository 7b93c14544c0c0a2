// Two Oriels never share a data directory.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { lockData } from '../../control/lock.ts'

it.runIf(process.platform === 'linux')('is taken once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'oriel-lock-'))
  await lockData(directory)
  await expect(lockData(directory)).rejects.toThrow(
    `data: ${directory} belongs to another Oriel that is running`,
  )
})
