// The limit key of a route: a rate, or a rate with its burst and who it counts for.
import { type Rate, rate } from '../../lib/units.ts'
import type { Zod } from '../../lib/zod.ts'
import type { Schema } from '../../pipeline/stage.ts'

export interface LimitConfig {
  rate: Rate
  /** Requests that may come at once. */
  burst: number
  /** `client` or `header:<name>`, lower-case. */
  by: string
  dryRun: boolean
}

const detail = (z: Zod) =>
  z.strictObject({
    rate: rate(z).describe('Requests per time on average, such as 10/s or 100/m.'),
    burst: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .describe('Requests that may come at once; twice the count of the rate where not given.'),
    by: z
      .string()
      .regex(/^(?:client|header:[\w-]{1,64})$/i, 'expected client or header:<name>')
      .optional()
      .describe(
        'Who is counted: client (the verified address, IPv6 by /64) or header:<name> (its value; requests without it are counted by client). A header that clients choose freely limits nobody.',
      ),
    dryRun: z.boolean().optional().describe('Count and report, but refuse nothing.'),
  })

export const limitSchema = (z: Zod): Schema<LimitConfig> =>
  z
    .union([
      rate(z)
        .describe('The rate alone, such as 10/s.')
        .transform(rate => ({ rate, burst: undefined, by: undefined, dryRun: undefined })),
      detail(z),
    ])
    .transform(given => ({
      rate: given.rate,
      burst: given.burst ?? given.rate.count * 2,
      by: given.by?.toLowerCase() ?? 'client',
      dryRun: given.dryRun ?? false,
    }))
    .describe('How many requests one client may make.')
