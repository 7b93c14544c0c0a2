// Config type: the upstreams of a route (`to`): one target, a list, or an object with the details.
import { z } from 'zod'
import { duration } from '../proxy/lib/units.ts'
import type { ActiveCheck, GroupConfig, Target } from './schema.ts'
import { targets } from './targets.ts'

const times = (fallback: number) => z.int('expected a whole number').min(1).max(100).default(fallback)
const path = () =>
  z.string('expected a path such as /healthz').regex(/^\/[\x21-\x7e]*$/, 'expected a path such as /healthz')

const checkObject = z
  .strictObject({
    path: path().default('/').describe('Asked with GET; 2xx and 3xx mean healthy.'),
    interval: duration(z).prefault('10s').describe('Time between two checks.'),
    timeout: duration(z).prefault('3s').describe('A check that takes longer has failed.'),
    fall: times(3).describe('Failures in a row that take an upstream out.'),
    rise: times(2).describe('Successes in a row that bring it back.'),
  })
  .transform(
    (it): ActiveCheck => ({
      path: it.path,
      intervalMs: it.interval,
      timeoutMs: it.timeout,
      fall: it.fall,
      rise: it.rise,
    }),
  )

/** `true`, a path, or the details; `false` is off. */
const activeCheck = z
  .union([z.boolean(), path(), checkObject])
  .default(false)
  .transform((it): ActiveCheck | null => {
    if (it === false) return null
    if (typeof it === 'object') return it
    return checkObject.parse(it === true ? {} : { path: it })
  })
  .describe('Ask the upstreams from time to time whether they are well.')

const details = z
  .strictObject({
    targets: targets(),
    balance: z
      .enum(['round-robin', 'least-requests'], 'expected round-robin or least-requests')
      .default('round-robin')
      .describe('How the next upstream is chosen.'),
    health: activeCheck,
    verify: z
      .boolean('expected true or false')
      .default(true)
      .describe("Verify the upstreams' certificates (https and h2 targets)."),
    tries: z
      .union([z.literal('auto'), z.int().min(1).max(10)], { error: 'expected auto or a number from 1 to 10' })
      .default('auto')
      .describe(
        'Tries in all, first included: an upstream that failed is asked again where there is no other. auto: two, the second at another upstream, or on a new connection where an old one had closed.',
      ),
    proxyProtocol: z
      .union([z.literal(false), z.enum(['v1', 'v2'])], { error: 'expected v1, v2 or false' })
      .default(false)
      .transform(it => (it === false ? null : it))
      .describe('Begin connections to http and https targets with a PROXY header that names the client.'),
  })
  .refine(it => it.proxyProtocol === null || it.targets.every(target => target.protocol.startsWith('http')), {
    path: ['proxyProtocol'],
    message: 'an HTTP/2 connection carries many clients: proxyProtocol is for http and https targets',
  })

/** A group of which only the targets are written. */
export const plainGroup = (list: Target[]): GroupConfig => ({
  targets: list,
  balance: 'round-robin',
  health: null,
  verify: true,
  tries: 'auto',
  proxyProtocol: null,
})

/** Config type: the upstreams of a route. */
export const group = () =>
  z
    .union([targets().transform(plainGroup), details], {
      error: 'expected a target, a list of targets, or an object',
    })
    .describe('The upstreams: one target, a list, or an object with the details.')
