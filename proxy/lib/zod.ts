// The type of zod, for code that builds schemas with the zod it is given: workers never load zod itself.
import type { z } from 'zod'

export type Zod = typeof z
