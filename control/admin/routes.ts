// The admin server's whole API in one list: what is not here does not exist.
import { z } from 'zod'
import { CACHE_ROUTES } from './cache-routes.ts'
import { LOGIN_ROUTES } from './login.ts'
import { openApi } from './openapi.ts'
import { exchangeId, explainBody, filter, limit, scopeOf, scopeParams, traceId } from './params.ts'
import { Problem } from './problem.ts'
import { type Route, route } from './route.ts'

const API = '/api/v1'
const scope = () => z.strictObject(scopeParams())
const nothing = () => z.strictObject({})

/** A missing answer is 404. */
function found<T>(answer: T | null, what: string): T {
  if (answer === null) throw new Problem(404, `there is no such ${what}; it may be older than what is kept`)
  return answer
}

const STORED_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: `${API}/overview`,
    summary: 'Header figures, routes, upstreams and events of a time range.',
    answers: 'Overview',
    params: scope(),
    handle: ({ params }, { services }) =>
      services.ask('overview', {
        scope: scopeOf(params),
        inFlight: services.inFlight(),
        upstreams: services.upstreamStates(),
      }),
  }),
  route({
    method: 'GET',
    path: `${API}/series`,
    summary: 'Requests, errors, latency and bytes over time, one line per group.',
    answers: 'Series',
    params: z.strictObject({
      ...scopeParams(),
      by: z
        .enum(['status', 'route', 'upstream', 'cache', 'method'], {
          error: 'expected status, route, upstream, cache or method',
        })
        .default('status'),
    }),
    handle: ({ params }, { services }) => services.ask('series', { scope: scopeOf(params), by: params.by }),
  }),
  route({
    method: 'GET',
    path: `${API}/heatmap`,
    summary: 'How many requests took how long, when.',
    answers: 'Heatmap',
    params: scope(),
    handle: ({ params }, { services }) => services.ask('heatmap', { scope: scopeOf(params) }),
  }),
  route({
    method: 'GET',
    path: `${API}/exchanges`,
    summary: 'Requests, newest first, a page at a time.',
    answers: 'ExchangePage',
    params: z.strictObject({
      ...scopeParams(),
      before: exchangeId().optional().describe('`next` of the page before'),
      limit: limit(),
    }),
    handle: ({ params }, { services }) =>
      services.ask('exchanges', {
        scope: scopeOf(params),
        before: params.before ?? null,
        limit: params.limit,
      }),
  }),
  route({
    method: 'GET',
    path: `${API}/exchanges/:id`,
    summary: 'One request with every decision, attempt and header.',
    answers: 'ExchangeDetail',
    params: z.strictObject({ id: exchangeId() }),
    handle: async ({ params }, { services }) =>
      found(await services.ask('exchange', { id: params.id }), 'exchange'),
  }),
  route({
    method: 'GET',
    path: `${API}/traces/:traceId`,
    summary: 'The spans of a trace.',
    answers: 'Trace',
    params: z.strictObject({ traceId: traceId() }),
    handle: async ({ params }, { services }) =>
      found(await services.ask('trace', { traceId: params.traceId }), 'trace'),
  }),
  route({
    method: 'GET',
    path: `${API}/facets`,
    summary: 'The most frequent values of each field.',
    answers: 'Facets',
    params: scope(),
    handle: ({ params }, { services }) => services.ask('facets', { scope: scopeOf(params) }),
  }),
  route({
    method: 'GET',
    path: `${API}/upstreams`,
    summary: 'Every upstream: state, share, failures and latency.',
    answers: 'UpstreamRow[]',
    params: scope(),
    handle: ({ params }, { services }) =>
      services.ask('upstreams', { scope: scopeOf(params), upstreams: services.upstreamStates() }),
  }),
]

const PRESENT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: `${API}/status`,
    summary: 'Is Oriel itself well: workers, listeners, telemetry, configuration.',
    answers: 'Status',
    params: nothing(),
    handle: (_, { services }) => services.status(),
  }),
  route({
    method: 'GET',
    path: `${API}/live`,
    summary: 'What happens, as server-sent events: exchanges, tick, event.',
    answers: 'text/event-stream',
    params: z.strictObject({ q: filter() }),
    handle({ params }, { live, access, cut, request }) {
      // Nobody would read the stream of a HEAD, nor end it.
      if (request.method === 'HEAD') return new Response(null)
      return live.open(params.q, { cut, valid: () => access?.valid() === true })
    },
  }),
  route({
    method: 'POST',
    path: `${API}/explain`,
    summary: 'What would happen with a request, and why; sends nothing.',
    answers: 'Explanation',
    params: nothing(),
    body: explainBody(),
    handle: ({ body }, { services }) => services.explain(body),
  }),
  route({
    method: 'POST',
    path: `${API}/reload`,
    summary: 'Reads the configuration file again; a wrong one is refused and the running one stays.',
    answers: 'ReloadOutcome',
    params: nothing(),
    body: z.strictObject({}).optional(),
    handle: (_, { services }) => services.reload(),
  }),
  route({
    method: 'POST',
    path: `${API}/link`,
    summary: 'A new one-time login link; for bearer tokens only.',
    answers: '{ link: string }',
    params: nothing(),
    body: z.strictObject({}).optional(),
    handle(_, { access, link }) {
      // A session must not be able to outlive itself.
      if (access?.by !== 'bearer') throw new Problem(403, 'only a bearer token can make a login link')
      return { link: link() }
    },
  }),
  route({
    method: 'GET',
    path: `${API}/openapi.json`,
    summary: 'This description.',
    answers: 'OpenAPI 3.1',
    params: nothing(),
    handle: () => openApi(ROUTES),
  }),
  route({
    method: 'GET',
    path: '/metrics',
    summary: 'The counters for Prometheus, or as OpenMetrics when asked for.',
    answers: 'text/plain',
    params: z.looseObject({}),
    async handle(_, { services, request }) {
      const { contentType, body } = await services.metrics(request.headers.get('accept') ?? '')
      return new Response(body, { headers: { 'content-type': contentType } })
    },
  }),
]

const HEALTH_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/healthz',
    summary: 'The process is up.',
    answers: 'text/plain',
    open: true,
    params: z.looseObject({}),
    handle: () => new Response('ok\n', { headers: { 'content-type': 'text/plain; charset=utf-8' } }),
  }),
  route({
    method: 'GET',
    path: '/readyz',
    summary: 'Requests are being served: 200, else 503.',
    answers: 'text/plain',
    open: true,
    params: z.looseObject({}),
    handle(_, { services }) {
      const ready = services.ready()
      const headers = { 'content-type': 'text/plain; charset=utf-8' }
      return new Response(ready ? 'ready\n' : 'not ready\n', { status: ready ? 200 : 503, headers })
    },
  }),
]

export const ROUTES: readonly Route[] = [
  ...HEALTH_ROUTES,
  ...LOGIN_ROUTES,
  ...STORED_ROUTES,
  ...PRESENT_ROUTES,
  ...CACHE_ROUTES,
]
