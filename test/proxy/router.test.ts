// The wrong route is the wrong app: most specific host first, then most specific path.
import { expect, test } from 'vitest'
import { Router } from '../../proxy/router.ts'

const route = (host: string, path: string, exact = false) => ({
  host,
  path,
  exact,
  pipeline: { route: `${host}${path}`, stages: [], forward: () => Promise.reject(new Error()) },
})

const router = new Router([
  route('*', '/'),
  route('*', '/static/'),
  route('*.example.com', '/'),
  route('*.b.example.com', '/'),
  route('app.example.com', '/'),
  route('app.example.com', '/api/'),
  route('app.example.com', '/api/v2/'),
  route('app.example.com', '/api/ping', true),
  route('api.example.com', '/only/'),
])

test.each([
  ['app.example.com', '/', 'app.example.com/'],
  ['app.example.com', '/apix', 'app.example.com/'],
  ['app.example.com', '/api', 'app.example.com/api/'],
  ['app.example.com', '/api/x', 'app.example.com/api/'],
  ['app.example.com', '/api/v2/x', 'app.example.com/api/v2/'],
  ['app.example.com', '/api/ping', 'app.example.com/api/ping'],
  ['app.example.com', '/static/a', 'app.example.com/'],
  ['other.example.com', '/', '*.example.com/'],
  ['a.b.example.com', '/', '*.b.example.com/'],
  ['example.com', '/', '*/'],
  ['else.test', '/static/a', '*/static/'],
  ['api.example.com', '/only/x', 'api.example.com/only/'],
  ['api.example.com', '/x', '*.example.com/'],
])('%s%s takes %s', (host, path, expected) => {
  expect(router.find(host, path)?.pipeline.route).toBe(expected)
})

test('it says over how many others a route was taken', () => {
  expect(router.find('app.example.com', '/api/v2/x')?.candidates).toBe(5)
})

test('no route is no route', () => {
  expect(new Router([route('a.test', '/')]).find('b.test', '/')).toBeUndefined()
})
