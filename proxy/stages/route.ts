// Route: decides nothing itself, the wire has matched already; puts the match on the trail.
import type { StageModule } from '../pipeline/stage.ts'

export type RouteStageConfig = Record<string, never>

export const route: StageModule<RouteStageConfig> = {
  name: 'route',
  schema: z => z.strictObject({}).describe('Has no settings: matching follows from the key of the route.'),
  fallback: {},
  create: (_config, env) => ({
    name: 'route',
    onRequest(x) {
      x.note('route', 'matched', x.candidates, 0, env.route)
    },
  }),
}
