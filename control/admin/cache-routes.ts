// The cache's part of the API: what it holds, what is purged from it, what keeps answers out of it.
import { z } from 'zod'
import { readPurge } from '../../proxy/stages/cache/purge/read-purge.ts'
import { limit, scopeOf, scopeParams } from './params.ts'
import { Problem } from './problem.ts'
import { type Route, route } from './route.ts'

const API = '/api/v1/cache'
/** Where signed requests are taken too. */
export const PURGE_PATH = `${API}/purge`
const MAX_PATTERNS = 100

const patterns = (what: string) =>
  z.array(z.string('expected a text').max(8192)).max(MAX_PATTERNS).exactOptional().describe(what)

const purgeBody = () =>
  z.strictObject({
    urls: patterns('Absolute URLs, each with all its variants'),
    prefixes: patterns('Beginnings of URLs'),
    hosts: patterns('Hosts, without port'),
    tags: patterns('Of Cache-Tag and Surrogate-Key'),
    all: z.boolean('expected true or false').exactOptional().describe('Everything; alone'),
    soft: z.boolean('expected true or false').exactOptional().describe('Make stale instead of removing'),
    dryRun: z.boolean('expected true or false').exactOptional().describe('Count only'),
  })

const text = (what: string, max: number) => z.string().max(max).default('').describe(what)

export const CACHE_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: PURGE_PATH,
    summary: 'Takes stored responses out of every worker and off the disk, and says how many.',
    answers: 'PurgeOutcome',
    params: z.strictObject({}),
    body: purgeBody(),
    handle({ body }, { services }) {
      const purge = readPurge(body)
      if (typeof purge === 'string') throw new Problem(400, purge)
      return services.purge(purge)
    },
  }),
  route({
    method: 'POST',
    path: `${API}/secret`,
    summary: 'The secret with which an application signs its purges; for bearer tokens only.',
    answers: 'PurgeSecret',
    params: z.strictObject({}),
    body: z.strictObject({ rotate: z.boolean().exactOptional() }),
    handle({ body }, { access, signatures }) {
      // A session that was stolen must not become a key that lasts.
      if (access?.by !== 'bearer') throw new Problem(403, 'only a bearer token can read the secret')
      return { secret: signatures.secret(body.rotate ?? false) }
    },
  }),
  route({
    method: 'GET',
    path: `${API}/entries`,
    summary: 'What is stored on disk, a page at a time; or in the memory of the workers, the first page.',
    answers: 'CacheEntryPage',
    params: z.strictObject({
      tier: z.enum(['disk', 'memory'], { error: 'expected disk or memory' }).default('disk'),
      host: text('Only of this host', 300),
      prefix: text('Only URLs that begin so', 8192),
      tag: text('Only with this tag', 200),
      sort: z
        .enum(['used', 'saved', 'size', 'stored'], { error: 'expected used, saved, size or stored' })
        .default('used'),
      after: z
        .string()
        .regex(/^-?\d{1,20}(?:\.\d{1,10})?:\d{1,16}$/, 'expected `next` of the page before')
        .optional(),
      limit: limit(),
    }),
    handle: ({ params: { tier, after = null, ...wanted } }, { services }) =>
      tier === 'memory' ? services.cached(wanted) : services.ask('cacheEntries', { ...wanted, after }),
  }),
  route({
    method: 'GET',
    path: `${API}/advice`,
    summary: 'For each route, what the cache answered, and the one reason that kept most of the rest out.',
    answers: 'CacheAdvicePage',
    params: z.strictObject(scopeParams()),
    handle: ({ params }, { services }) => services.ask('cacheAdvice', { scope: scopeOf(params) }),
  }),
]
