// The cache key of a route: on, off, or on with its bounds and its own rules.
import { duration, size } from '../../lib/units.ts'
import type { Zod } from '../../lib/zod.ts'
import type { Schema } from '../../pipeline/stage.ts'
import { isTag } from './purge/tags.ts'

/** Plain data: it crosses from the control process to the workers. Times in seconds, −1: none. */
export interface CacheConfig {
  on: boolean
  maxObjectBytes: number
  memoryBytes: number
  /** Its answers may also be kept on disk. */
  disk: boolean
  /** By status or class (`404`, `5xx`). */
  ttlS: Record<string, number>
  graceS: number
  staleIfErrorS: number
  /** Longest guessed lifetime; 0: none is guessed. */
  heuristicCapS: number
  methods: ('GET' | 'HEAD')[]
  key: { drop: string[]; sort: boolean; headers: string[]; cookies: string[] }
  bypass: { headers: string[]; cookies: string[]; paths: string[] }
  /** Under which all that is stored can be purged, beside what responses say. */
  tags: string[]
}

/** What `cache: true` means. */
export const CACHE_DEFAULTS: CacheConfig = {
  on: true,
  maxObjectBytes: 10 * 1024 ** 2,
  memoryBytes: 64 * 1024 ** 2,
  disk: true,
  ttlS: {},
  graceS: -1,
  staleIfErrorS: -1,
  heuristicCapS: 0,
  methods: ['GET', 'HEAD'],
  key: { drop: [], sort: false, headers: [], cookies: [] },
  bypass: { headers: [], cookies: [], paths: [] },
  tags: [],
}

const HEURISTIC_CAP_S = 86_400
const MAX_ROUTE_TAGS = 16
/** As many as a response may vary by: see vary.ts. */
const MAX_NAMES = 8

const fieldNames = (z: Zod) =>
  z
    .array(
      z
        .string()
        .regex(/^[!#$%&'*+^_`|~0-9A-Za-z-]{1,64}$/, 'expected the name of a header')
        .transform(name => name.toLowerCase()),
    )
    .max(MAX_NAMES)

const names = (z: Zod, what: string) =>
  z
    .array(
      z
        .string()
        .regex(/^[^\s;,=&*]{0,64}\*?$/, `expected ${what}, or how it begins and a *`)
        .min(1),
    )
    .max(50)

const key = (z: Zod) =>
  z
    .strictObject({
      drop: names(z, 'the name of a query parameter')
        .optional()
        .describe(
          'Query parameters that are left out: they are not in the key, and the upstream does not see them; utm_* for all that begin so, * for all.',
        ),
      sort: z
        .boolean()
        .optional()
        .describe(
          'Whether the order of the query parameters does not matter; the upstream sees them sorted.',
        ),
      headers: fieldNames(z)
        .optional()
        .describe('Request headers that choose among stored responses, as Vary does.'),
      cookies: z
        .array(z.string().regex(/^[^\s;,="\\]{1,64}$/, 'expected the name of a cookie'))
        .max(MAX_NAMES)
        .optional()
        .describe('Cookies that choose among stored responses.'),
    })
    .describe('What is in the key beside scheme, host, path and the query byte by byte.')

const bypass = (z: Zod) =>
  z
    .strictObject({
      headers: fieldNames(z).optional().describe('Requests with one of these headers.'),
      cookies: names(z, 'the name of a cookie')
        .optional()
        .describe('Requests with one of these cookies; wp_* for all that begin so.'),
      paths: z
        .array(z.string().regex(/^\/[^\s?#*]*\*?$/, 'expected a path such as /admin/*'))
        .max(50)
        .optional()
        .describe('Requests for these paths; /admin/* for all below.'),
    })
    .describe(
      'Requests that go past the cache: they are not answered from it, and nothing of them is stored.',
    )

const ttl = (z: Zod) =>
  z
    .record(
      z.string().regex(/^(?:[2-5]\d\d|[2-5]xx)$/, 'expected a status such as 404, or a class such as 5xx'),
      duration(z),
    )
    .describe(
      'How long responses of a status are fresh, whatever they say of it; 0s: they are not stored. Departs from RFC 9111 section 4.2.1. What forbids storing (no-store, private, Set-Cookie, Authorization, Vary: *) still does, and what says no-cache is still asked about each time.',
    )

const heuristics = (z: Zod) =>
  z
    .union([z.boolean(), duration(z)])
    .describe(
      'Whether a response that does not say how long it is fresh is so for a tenth of the time since it last changed (RFC 9111 section 4.2.2), a day at most; a duration sets a lower bound to that. Departs from storing with explicit freshness only: pages that were never meant to be shared may be.',
    )

const detail = (z: Zod) =>
  z.strictObject({
    maxObject: size(z).optional().describe('Larger bodies are not stored; 10mb where not given.'),
    memory: size(z)
      .optional()
      .describe(
        'Memory that a worker’s cache may take, heads and keys included; 64mb where not given. All routes share one cache: the largest value counts.',
      ),
    disk: z
      .boolean('expected true or false')
      .optional()
      .describe(
        'Whether answers may also be kept on disk, where they survive a restart; true where not given.',
      ),
    ttl: ttl(z).optional(),
    grace: duration(z)
      .optional()
      .describe(
        'How long a stale answer may stand in while a new one is fetched behind it, and where the upstream fails. Departs from RFC 9111 section 4.2.4, which leaves this to the response; must-revalidate and s-maxage still forbid it.',
      ),
    staleIfError: duration(z)
      .optional()
      .describe(
        'How long a stale answer may stand in where the upstream fails. Departs from RFC 9111 section 4.2.4 in the same way and within the same bounds as grace.',
      ),
    heuristics: heuristics(z).optional(),
    methods: z
      .array(z.enum(['GET', 'HEAD']))
      .refine(list => list.includes('GET'), 'expected GET among them: it is what fills the cache')
      .optional()
      .describe('Methods that are answered from the cache; GET and HEAD where not given.'),
    key: key(z).optional(),
    bypass: bypass(z).optional(),
    tags: z
      .array(z.string().refine(isTag, 'expected a tag: printable, without space or comma'))
      .max(MAX_ROUTE_TAGS)
      .optional()
      .describe(
        'Tags of all that this route stores, beside those of Cache-Tag and Surrogate-Key: names to purge it by.',
      ),
  })

type Detail = ReturnType<ReturnType<typeof detail>['parse']>

export const cacheSchema = (z: Zod): Schema<CacheConfig> =>
  z
    .union([z.boolean().describe('true for the defaults, false for none.'), detail(z)])
    .transform(
      (given): CacheConfig => (typeof given === 'boolean' ? { ...CACHE_DEFAULTS, on: given } : read(given)),
    )
    .describe('Whether responses with explicit freshness are stored and shared (RFC 9111).')

function read(given: Detail): CacheConfig {
  const { drop = [], sort = false, headers = [], cookies = [] } = given.key ?? {}
  const { bypass = {} } = given
  return {
    on: true,
    maxObjectBytes: given.maxObject ?? CACHE_DEFAULTS.maxObjectBytes,
    memoryBytes: given.memory ?? CACHE_DEFAULTS.memoryBytes,
    disk: given.disk ?? CACHE_DEFAULTS.disk,
    ttlS: Object.fromEntries(Object.entries(given.ttl ?? {}).map(([status, ms]) => [status, ms / 1000])),
    graceS: allowed(given.grace),
    staleIfErrorS: allowed(given.staleIfError),
    heuristicCapS: heuristicCap(given.heuristics ?? false),
    methods: given.methods ?? ['GET', 'HEAD'],
    key: { drop, sort, headers, cookies },
    bypass: { headers: bypass.headers ?? [], cookies: bypass.cookies ?? [], paths: bypass.paths ?? [] },
    tags: given.tags ?? [],
  }
}

const allowed = (ms: number | undefined): number => (ms === undefined || ms === 0 ? -1 : ms / 1000)

function heuristicCap(given: boolean | number): number {
  if (typeof given === 'boolean') return given ? HEURISTIC_CAP_S : 0
  return Math.min(given / 1000, HEURISTIC_CAP_S)
}
