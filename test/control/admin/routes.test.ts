// What the API takes and refuses, what reaches the services, and that its description leaves nothing out.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROUTES } from '../../../control/admin/routes.ts'
import { QueryError } from '../../../telemetry/query/query-error.ts'
import { type TestAdmin, testAdmin } from './support.ts'

let admin: TestAdmin
beforeEach(async () => {
  admin = await testAdmin()
})
afterEach(() => admin.stop())

const get = (path: string) =>
  admin.ask(`/api/v1${path}`, { headers: { authorization: `Bearer ${admin.cliToken}` } })
const post = (path: string, body: string) =>
  admin.ask(`/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${admin.cliToken}`, 'content-type': 'application/json' },
    body,
  })
const message = (json: unknown) => (json as { error: { message: string } }).error.message

describe('questions', () => {
  test('carry the scope, and what only memory knows', async () => {
    expect((await get('/overview?from=1000&to=2000&q=route:shop')).json).toEqual({ fake: true })
    await get('/series?from=1000&to=2000&by=route')
    await get('/exchanges?from=1000&to=2000&before=1500-00000000000000aa&limit=500')
    await get('/exchanges?from=1000&to=2000')
    await get('/upstreams?from=1000&to=2000')
    const scope = { from: 1000, to: 2000, q: '' }
    expect(admin.services.asked).toEqual([
      {
        question: 'overview',
        params: { scope: { ...scope, q: 'route:shop' }, inFlight: 7, upstreams: [] },
      },
      { question: 'series', params: { scope, by: 'route' } },
      { question: 'exchanges', params: { scope, before: '1500-00000000000000aa', limit: 500 } },
      { question: 'exchanges', params: { scope, before: null, limit: 100 } },
      { question: 'upstreams', params: { scope, upstreams: [] } },
    ])
  })

  test('take relative times, and the last quarter of an hour without any', async () => {
    const before = Date.now()
    await get('/facets?from=now-2h&to=now-90s')
    await get('/facets')
    const [first, second] = admin.services.asked.map(
      it => (it.params as { scope: { from: number; to: number } }).scope,
    )
    const near = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(5000)
    near(first!.from, before - 7_200_000)
    near(first!.to, before - 90_000)
    near(second!.from, before - 900_000)
    near(second!.to, before)
  })

  test('about what is not kept answer 404', async () => {
    admin.services.answer = null
    expect((await get('/exchanges/1500-00000000000000aa')).status).toBe(404)
    expect((await get(`/traces/${'a'.repeat(32)}`)).status).toBe(404)
    expect((await get('/nothing')).status).toBe(404)
  })
})

describe('wrong parameters', () => {
  test.each([
    ['/series?by=evil', 'by'],
    ['/series?by=__proto__', 'by'],
    ['/overview?from=yesterday', 'from'],
    ['/overview?from=-5', 'from'],
    ['/overview?from=1e3', 'from'],
    ['/overview?from=now%2B5m', 'from'],
    ['/overview?to=now-5', 'to'],
    ['/overview?from=2000&to=1000', 'from'],
    ['/overview?from=1000&to=1000', 'from'],
    ['/exchanges?limit=0', 'limit'],
    ['/exchanges?limit=501', 'limit'],
    ['/exchanges?limit=1;drop', 'limit'],
    ["/exchanges?before=1' OR 1=1".replaceAll(' ', '%20'), 'before'],
    [`/overview?q=${'x'.repeat(1001)}`, 'q'],
    ['/overview?limt=5', 'limt'],
    ['/overview?__proto__=5', '__proto__'],
    ['/overview?constructor=5', 'constructor'],
    ['/overview?q=a&q=b', 'q'],
    ['/exchanges/nothing', 'id'],
    ['/exchanges/1500-00000000000000aa?id=1500-00000000000000bb', 'id'],
    ['/traces/ABC', 'traceId'],
    ['/live?from=1', 'from'],
  ])('%s is 400 and names %s', async (path, name) => {
    const reply = await get(path)
    expect(reply.status).toBe(400)
    expect(message(reply.json)).toMatch(new RegExp(`^${name}: `))
    expect(admin.services.asked).toEqual([])
  })

  test('a range of more than 400 days is 422', async () => {
    const day = 86_400_000
    expect((await get(`/overview?from=0&to=${401 * day}`)).status).toBe(422)
    expect((await get(`/overview?from=0&to=${400 * day}`)).status).toBe(200)
  })
})

describe('questions without an answer', () => {
  test.each([
    [new QueryError(422, 'there is no field "x"', 4), 422, 'character 5: there is no field "x"'],
    [new QueryError(503, 'no answer in time'), 503, 'no answer in time'],
    [new QueryError(500, 'SELECT secret'), 500, 'something went wrong inside Oriel; its log says what'],
    [new Error('/some/path'), 500, 'something went wrong inside Oriel; its log says what'],
  ])('%s', async (failure, status, text) => {
    admin.services.failure = failure
    const reply = await get('/heatmap')
    expect([reply.status, message(reply.json)]).toEqual([status, text])
    expect(admin.logged().includes(failure.message)).toBe(status === 500)
  })
})

describe('bodies', () => {
  test('explain takes a request', async () => {
    const reply = await post('/explain', '{"method":"GET","url":"http://a.example/","headers":[["a","b"]]}')
    expect([reply.status, reply.json]).toEqual([
      200,
      { route: 'shop', decisions: [], outcome: '200', upstream: '' },
    ])
  })

  test.each([
    ['{"method":"G T","url":"/"}', 'body.method'],
    ['{"method":"GET"}', 'body.url'],
    ['{"method":"GET","url":"/","from":"here"}', 'body.from'],
    ['{"method":"GET","url":"/","headers":[["a"]]}', 'body.headers.0'],
    ['{"method":"GET","url":"/","extra":1}', 'body'],
    ['{"method":', 'body'],
    ['', 'body'],
  ])('%s is 400 and names %s', async (body, name) => {
    const reply = await post('/explain', body)
    expect(reply.status).toBe(400)
    expect(message(reply.json)).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')}[:.]`))
  })

  test('over 64 KB is 413, with a length or without', async () => {
    const body = JSON.stringify({ method: 'GET', url: 'x'.repeat(70_000) })
    const headers = { authorization: `Bearer ${admin.cliToken}`, 'content-type': 'application/json' }
    expect((await post('/explain', body)).status).toBe(413)
    const chunked = { ...headers, 'transfer-encoding': 'chunked' }
    expect((await admin.ask('/api/v1/explain', { method: 'POST', headers: chunked, body })).status).toBe(413)
  })
})

test('metrics answer in the form that is asked for', async () => {
  const headers = { authorization: `Bearer ${admin.cliToken}`, accept: 'application/openmetrics-text' }
  const reply = await admin.ask('/metrics', { headers })
  expect([reply.status, reply.headers['content-type'], reply.body]).toEqual([
    200,
    'text/plain; version=0.0.4',
    '# application/openmetrics-text\n',
  ])
})

interface Description {
  openapi: string
  paths: Record<
    string,
    Record<string, { security?: unknown[]; parameters: Parameter[]; requestBody?: unknown }>
  >
}
interface Parameter {
  name: string
  in: string
  required: boolean
  schema: Record<string, unknown>
}

test('the description has every route with its parameters', async () => {
  const description = (await get('/openapi.json')).json as Description
  expect(description.openapi).toBe('3.1.0')
  const listed = Object.entries(description.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map(method => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
  expect(listed.toSorted()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).toSorted())
  const { parameters } = description.paths['/api/v1/exchanges']!.get!
  expect(parameters.map(it => it.name)).toEqual(['from', 'to', 'q', 'before', 'limit'])
  expect(parameters[0]).toMatchObject({
    in: 'query',
    required: false,
    schema: { type: 'string', default: 'now-15m' },
  })
  const by = description.paths['/api/v1/series']!.get!.parameters.find(it => it.name === 'by')
  expect(by?.schema.enum).toEqual(['status', 'route', 'upstream', 'cache', 'method'])
  const [id] = description.paths['/api/v1/exchanges/{id}']!.get!.parameters
  expect(id).toMatchObject({ name: 'id', in: 'path', required: true })
  expect(description.paths['/healthz']!.get!.security).toEqual([])
  expect(description.paths['/api/v1/status']!.get!.security).toBeUndefined()
  expect(description.paths['/api/v1/explain']!.post!.requestBody).toBeDefined()
})
