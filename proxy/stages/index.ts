// THE ORDER in which a request passes the stages; a reply climbs the same list backwards.
import { cache } from './cache/cache.ts'
import { compress } from './compress/compress.ts'
import { guard } from './guard/guard.ts'
import { limit } from './limit/limit.ts'
import { route } from './route.ts'
import { trace } from './trace.ts'

export const stages = [
  // Joins or starts the W3C trace and gives the request its id: everything below can name it.
  trace,
  // Says which route was taken and over how many others.
  route,
  // Refuses what no policy should have to look at: methods, sizes, loops, bad framing.
  guard,
  // Takes a token before any work is done; a refused request costs next to nothing.
  limit,
  // On the way up: encodes what comes from the cache and from the upstream alike.
  compress,
  // Last: answers what it holds, and sees exactly what the upstream sent.
  cache,
] as const
