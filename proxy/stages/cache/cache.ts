// Cache: shared, in memory and on disk, by RFC 9111 by what responses say of themselves; this file builds it for a route.
import { wallMs } from '../../lib/clock.ts'
import type { StageEnv, StageModule } from '../../pipeline/stage.ts'
import { type CacheConfig, cacheSchema } from './config.ts'
import { policyOf } from './policy.ts'
import { Room } from './room.ts'
import { CacheStage } from './stage.ts'

export const cache: StageModule<CacheConfig> = {
  name: 'cache',
  schema: cacheSchema,
  fallback: undefined,
  create: (config, env) => createCache(config, env, wallMs),
}

/** @param now Unix milliseconds */
export function createCache(config: CacheConfig, env: StageEnv, now: () => number): CacheStage | undefined {
  if (!config.on) return undefined
  const room = env.keep('cache', () => new Room())
  room.store.budget(env.route, config.memoryBytes)
  return new CacheStage(room, policyOf(config, env.route), now)
}
