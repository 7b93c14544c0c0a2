// Trailers decide nothing in Oriel; an upstream must not get one that its route does not list.
import { expect, test } from 'vitest'
import { Headers } from '../../../proxy/lib/headers.ts'
import { passedTrailers } from '../../../proxy/upstream/request-trailers.ts'

const listed = new Set(['x-sum'])
const pass = (trailers: string[], names: ReadonlySet<string> = listed, type = 'text/plain') =>
  passedTrailers(new Headers(trailers), Headers.of({ 'content-type': type }), names)?.flat ?? null

test('those that are listed pass, each as often as it came', () => {
  expect(pass(['x-sum', '1', 'x-other', '2', 'x-sum', '3'])).toEqual(['x-sum', '1', 'x-sum', '3'])
})

test('none is no empty list: nothing is sent behind the body', () => {
  expect([pass(['x-other', '2']), pass(['x-sum', '1'], new Set())]).toEqual([null, null])
})

test('a value that would begin another line passes nowhere', () => {
  expect(pass(['x-sum', '1\r\nHost: evil'])).toBeNull()
})

test("gRPC's pass unlisted; what may not come late does not", () => {
  expect(pass(['x-any', '1', 'host', 'evil'], new Set(), 'application/grpc+proto')).toEqual(['x-any', '1'])
})
