// The cache key of a route: on, off, or on with its bounds.
import { size } from '../../lib/units.ts'
import type { Zod } from '../../lib/zod.ts'
import type { Schema } from '../../pipeline/stage.ts'

export interface CacheConfig {
  on: boolean
  maxObjectBytes: number
  memoryBytes: number
}

const MAX_OBJECT_BYTES = 10 * 1024 ** 2
const MEMORY_BYTES = 64 * 1024 ** 2

const detail = (z: Zod) =>
  z.strictObject({
    maxObject: size(z).optional().describe('Larger bodies are not stored; 10mb where not given.'),
    memory: size(z)
      .optional()
      .describe(
        'Memory that a worker’s cache may take, heads and keys included; 64mb where not given. All routes share one cache: the largest value counts.',
      ),
  })

export const cacheSchema = (z: Zod): Schema<CacheConfig> =>
  z
    .union([z.boolean().describe('true for the defaults, false for none.'), detail(z)])
    .transform(given => ({
      on: given !== false,
      maxObjectBytes: (typeof given === 'object' ? given.maxObject : undefined) ?? MAX_OBJECT_BYTES,
      memoryBytes: (typeof given === 'object' ? given.memory : undefined) ?? MEMORY_BYTES,
    }))
    .describe('Whether responses with explicit freshness are stored and shared (RFC 9111).')
