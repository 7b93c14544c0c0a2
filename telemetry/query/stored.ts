// Part of GET /api/v1/status: how much is stored and since when.
import { join } from 'node:path'
import { IDS_PER_MS } from '../store/day-file.ts'
import { bytesOf } from '../store/retention.ts'
import type { Context } from './context.ts'
import type { StoredStatus } from './questions.ts'

export function stored({ reader }: Context): StoredStatus {
  const files = reader.files()
  const databases = ['meta.db', 'rollup.db', ...files.map(file => join('events', file.name))]
  const storedBytes = databases.reduce((sum, name) => sum + bytesOf(join(reader.dataDir, name)), 0)
  for (const file of files) {
    const id = reader
      .events(file.name)
      ?.all<{ id: number | null }>('SELECT min(id) AS id FROM exchange')[0]?.id
    if (id != null) return { storedBytes, oldest: Math.floor(id / IDS_PER_MS) }
  }
  return { storedBytes, oldest: null }
}
