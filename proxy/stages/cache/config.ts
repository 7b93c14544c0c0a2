// The cache key of a route: on, off, or on with its bounds.
import { z } from 'zod'
import { size } from '../../lib/units.ts'

export interface CacheConfig {
  on: boolean
  maxObjectBytes: number
  memoryBytes: number
}

const MAX_OBJECT_BYTES = 10 * 1024 ** 2
const MEMORY_BYTES = 64 * 1024 ** 2

const detail = z.strictObject({
  maxObject: size().optional().describe('Larger bodies are not stored; 10mb where not given.'),
  memory: size()
    .optional()
    .describe(
      'Memory that a worker’s cache may take, heads and keys included; 64mb where not given. All routes share one cache: the largest value counts.',
    ),
})

export const cacheSchema: z.ZodType<CacheConfig> = z
  .union([z.boolean().describe('true for the defaults, false for none.'), detail])
  .transform((given: boolean | z.output<typeof detail>) => ({
    on: given !== false,
    maxObjectBytes: (typeof given === 'object' ? given.maxObject : undefined) ?? MAX_OBJECT_BYTES,
    memoryBytes: (typeof given === 'object' ? given.memory : undefined) ?? MEMORY_BYTES,
  }))
  .describe('Whether responses with explicit freshness are stored and shared (RFC 9111).')
